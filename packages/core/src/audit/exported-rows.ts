import type { AnswerRecord, CallRecord, EffectRecord, EntryRecord, RunRecord } from '../store/records.ts'
import { downstreamKey, formatEffectKey, laneOfBody } from '../util/effect-key-text.ts'
import type {
  ExportedAnswer,
  ExportedCall,
  ExportedEffect,
  ExportedEntry,
  ExportedRun,
  StoredValue,
} from './run-export.ts'
import { detailField, errorField, storedValue, valueField } from './stored-value.ts'

export function exportedRun(record: RunRecord): ExportedRun {
  const { id, name, thread, status, dead, attempt, epoch, parentId, parentLane } = record
  const { shared, tags, outputKept, unprotected, replayOf } = record
  return {
    ...{ id, name, thread, status, dead, attempt, epoch, parentId, parentLane, shared, tags },
    ...valueField('input', record.input),
    ...valueField('output', record.output),
    outputKept,
    ...errorField('error', record.error),
    ...errorField('halt', record.halt),
    ...{ unprotected, replayOf },
    createdAt: isoTime(record.createdAt),
    endedAt: optionalTime(record.endedAt),
  }
}

export function exportedEffect(record: EffectRecord): ExportedEffect {
  const { id, tool, status, generation, attempt, epoch, lane, callerKeyed, resultKept, certainty, commitSeq } = record
  return {
    ...{ id, key: formatEffectKey(record.ownerSeq, record.key), tool, status, generation, attempt, epoch },
    idempotencyKey: downstreamKey(record.key, generation),
    lane,
    bodyLane: laneOfBody(lane, record.key, generation),
    parent: record.parentEffect,
    callerKeyed,
    args: storedValue(record.args),
    ...valueField('result', record.result),
    resultKept,
    ...errorField('error', record.error),
    ...{ certainty, commitSeq },
    startedAt: isoTime(record.firstAt),
    claimedAt: isoTime(record.claimedAt),
    endedAt: optionalTime(record.endedAt),
  }
}

export function exportedAnswer(record: AnswerRecord): ExportedAnswer {
  const { lane, kind, name, effect, generation, failed, body } = record
  return {
    lane,
    keyHash: record.key.toString('base64url'),
    ...{ kind, name, effect, generation, failed },
    ...(failed ? errorField('error', body) : valueField('value', body)),
    afterEntry: record.at,
  }
}

export function exportedCall(record: CallRecord, request: unknown): ExportedCall {
  const { id, provider, model, status, lane, ordinal, externalId } = record
  return {
    ...{ id, provider, model, status, lane, ordinal },
    exactHash: record.exactHash.toString('hex'),
    maskedHash: record.maskedHash.toString('hex'),
    request: request as StoredValue,
    ...valueField('response', record.response),
    ...errorField('error', record.error),
    ...valueField('usage', record.usage),
    externalId,
    startedAt: isoTime(record.startedAt),
    endedAt: optionalTime(record.endedAt),
  }
}

export function exportedEntry(record: EntryRecord, key: string | null): ExportedEntry {
  const { number, kind, effect, body } = record
  return { number, at: isoTime(record.at), kind, effect, key, ...detailField(body) }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

function optionalTime(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
