import type { Redact } from '../config/redact.ts'
import type { HoldRecord } from '../store/limit-records.ts'
import type {
  AnswerRecord,
  ApprovalRecord,
  CallRecord,
  EffectRecord,
  EntryRecord,
  RunRecord,
} from '../store/records.ts'
import { downstreamKey, formatEffectKey, laneOfBody } from '../util/effect-key-text.ts'
import { callCost } from './call-cost.ts'
import type { EffectFacts } from './effect-keys.ts'
import { detailField } from './entry-detail.ts'
import { shownIn } from './entry-view.ts'
import type {
  ExportedAnswer,
  ExportedApproval,
  ExportedCall,
  ExportedCompensation,
  ExportedCost,
  ExportedEffect,
  ExportedEntry,
  ExportedRun,
  StoredValue,
} from './run-export.ts'
import { Shown, shownOfEffect } from './shown.ts'
import { exportedValue } from './stored-value.ts'
import { isIrreversible, wasToBeUndone } from './undo-facts.ts'

export function exportedRun(record: RunRecord, redact?: Redact): ExportedRun {
  const shown = new Shown(redact, { runId: record.id })
  const { id, name, thread, status, dead, attempt, epoch, parentId, parentLane } = record
  const { shared, tags, outputKept, unprotected, aborted, replayOf } = record
  return {
    ...{ id, name, thread, status, dead, attempt, epoch, parentId, parentLane, shared, tags },
    ...shown.valueField('input', 'input', record.input),
    ...shown.valueField('output', 'output', record.output),
    outputKept,
    ...shown.errorField('error', record.error),
    ...shown.errorField('halt', record.halt),
    ...{ unprotected, aborted, replayOf },
    createdAt: isoTime(record.createdAt),
    endedAt: optionalTime(record.endedAt),
  }
}

export function exportedEffect(record: EffectRecord, redact?: Redact): ExportedEffect {
  const shown = shownOfEffect(record, redact)
  const { id, tool, status, generation, attempt, epoch, lane, callerKeyed, resultKept, certainty, commitSeq } = record
  return {
    ...{ id, key: formatEffectKey(record.ownerSeq, record.key), tool, status, generation, attempt, epoch },
    idempotencyKey: downstreamKey(record.key, generation),
    lane,
    bodyLane: laneOfBody(lane, record.key, generation),
    parent: record.parentEffect,
    callerKeyed,
    args: shown.stored('args', record.args, record.argsDigest),
    ...shown.valueField('result', 'result', record.result, record.resultDigest),
    resultKept,
    ...shown.errorField('error', record.error),
    ...{ certainty, commitSeq },
    irreversible: isIrreversible(record),
    compensation: exportedCompensation(record, shown),
    group: record.group,
    startedAt: isoTime(record.firstAt),
    claimedAt: isoTime(record.claimedAt),
    endedAt: optionalTime(record.endedAt),
  }
}

function exportedCompensation(record: EffectRecord, shown: Shown): ExportedCompensation | null {
  if (!wasToBeUndone(record)) return null
  return {
    attempts: record.undoAttempt,
    ...shown.errorField('error', record.undoError),
    endedAt: optionalTime(record.undoneAt),
  }
}

export function exportedApproval(record: ApprovalRecord, redact?: Redact): ExportedApproval {
  const shown = shownOfEffect(record.effect, redact)
  const { effect, status, from, reason, decidedBy, decisionReason, edited, original } = record
  const { id, generation, tool } = effect
  return {
    ...{ effect: id, key: formatEffectKey(effect.ownerSeq, effect.key), generation, tool, status, from, reason },
    requestedAt: isoTime(record.requestedAt),
    expiresAt: optionalTime(record.expiresAt),
    decidedAt: optionalTime(record.decidedAt),
    ...{ by: decidedBy, decisionReason },
    args: shown.stored('args', effect.args, effect.argsDigest),
    edited,
    ...shown.valueField('originalArgs', 'args', original),
  }
}

/** `from`: the run that it was given in, and the effect that it tells of. */
export function exportedAnswer(
  record: AnswerRecord,
  from: { readonly runId: string; readonly effect: EffectFacts | null },
  redact?: Redact,
): ExportedAnswer {
  const { lane, kind, name, effect, generation, failed, body } = record
  const level = record.recordLevel === 'full' ? (from.effect?.level ?? 'full') : record.recordLevel
  const shown = new Shown(redact, { level, runId: from.runId, tool: kind === 'value' ? undefined : name })
  return {
    lane,
    keyHash: record.key.toString('base64url'),
    ...{ kind, name, effect, generation, failed },
    ...(failed
      ? shown.errorField('error', body)
      : shown.valueField('value', kind === 'value' ? 'value' : 'result', body)),
    afterEntry: record.at,
  }
}

export function exportedCall(record: CallRecord, request: unknown, redact?: Redact): ExportedCall {
  const shown = new Shown(redact, { level: record.recordLevel, runId: record.runId })
  const { id, provider, model, status, lane, ordinal, externalId } = record
  return {
    ...{ id, provider, model, status, lane, ordinal },
    exactHash: record.exactHash.toString('hex'),
    maskedHash: record.maskedHash.toString('hex'),
    request: shown.request(request, record.exactHash) as StoredValue,
    ...shown.valueField('response', 'response', record.response),
    ...shown.errorField('error', record.error),
    // Counts, and not what was said: shown whatever the level.
    ...(record.usage === null ? {} : { usage: exportedValue(record.usage) }),
    cost: exportedCost(record.hold),
    externalId,
    startedAt: isoTime(record.startedAt),
    endedAt: optionalTime(record.endedAt),
  }
}

function exportedCost(hold: HoldRecord | null): ExportedCost | null {
  const cost = callCost(hold)
  if (cost === null) return null
  const { held: heldNano, spent: spentNano, ...rest } = cost
  return { ...rest, heldNano, spentNano }
}

/** `facts`: what is known of the effect that it tells of. */
export function exportedEntry(record: EntryRecord, facts: EffectFacts | null, redact?: Redact): ExportedEntry {
  const { number, kind, effect } = record
  const detail = detailField(record, shownIn(record, facts, redact))
  return { number, at: isoTime(record.at), kind, effect, key: facts?.key ?? null, ...detail }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

function optionalTime(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
