import type { Redact } from '../config/redact.ts'
import type { Certainty, EffectRecord, EffectStatus } from '../store/records.ts'
import { downstreamKey, formatEffectKey } from '../util/effect-key-text.ts'
import type { ErrorView } from './error-view.ts'
import { type Shown, shownOfEffect } from './shown.ts'
import { isIrreversible, wasToBeUndone } from './undo-facts.ts'

/** One generation of an effect as `ledger.effects` shows it. */
export interface EffectView {
  /** What `effects.get` and `effects.resolve` take; all generations share it. */
  readonly key: string
  /** The run that executed it last. */
  readonly runId: string
  readonly tool: string
  readonly status: EffectStatus
  /** Which life of the effect: a new one starts only when the last is known to be without effect. */
  readonly generation: number
  readonly attempt: number
  readonly epoch: number
  /** What the tool handed to the outside: search for it there. */
  readonly idempotencyKey: string
  readonly args: unknown
  /** Undefined if there is none, and if it could not be stored (`resultKept`). */
  readonly result: unknown
  readonly resultKept: boolean
  readonly error: ErrorView | null
  /** What is known about a failure: certainly without effect, in doubt, or assumed to be without. */
  readonly certainty: Certainty | null
  /** Its place among the commits of the run's tree; later ones are undone first. */
  readonly commitSeq: number | null
  /** It succeeded and has no compensation of its own: it stays, unless one that it is part of covers it. */
  readonly irreversible: boolean
  /** What became of undoing it; null as long as nobody has tried to, and nothing else has done it. */
  readonly compensation: CompensationView | null
  /** The parallel group of a saga that it is a member of, numbered within its run: members are undone side by side. */
  readonly group: number | null
  readonly lane: string
  /** The effect in whose body it was performed. */
  readonly parentKey: string | null
  /** The key was made by the caller and not from all arguments. */
  readonly callerKeyed: boolean
  /** When the first attempt of this generation was claimed. */
  readonly startedAt: Date
  readonly endedAt: Date | null
  /** Its place among all effects: the cursor for `after` in `effects.list`. */
  readonly id: number
}

/** How it went to undo an effect. */
export interface CompensationView {
  /** Executions of its compensation, over all processes; 0 if the compensation of another effect undid it. */
  readonly attempts: number
  /** Why the last one failed. */
  readonly error: ErrorView | null
  /** When it was compensated; null while it is not. */
  readonly endedAt: Date | null
}

/** A stored effect for people and programs; `parentKey` is the text of the key of `record.parentEffect`. */
export function effectView(record: EffectRecord, parentKey: string | null, redact?: Redact): EffectView {
  const shown = shownOfEffect(record, redact)
  const { id, runId, tool, status, generation, attempt, epoch, resultKept, certainty } = record
  const { commitSeq, lane, callerKeyed, group } = record
  return {
    ...{
      id,
      runId,
      tool,
      status,
      generation,
      attempt,
      epoch,
      resultKept,
      certainty,
      commitSeq,
      lane,
      callerKeyed,
      group,
    },
    key: formatEffectKey(record.ownerSeq, record.key),
    idempotencyKey: downstreamKey(record.key, generation),
    args: shown.value('args', record.args, record.argsDigest),
    result: shown.value('result', record.result, record.resultDigest),
    error: shown.error(record.error),
    irreversible: isIrreversible(record),
    compensation: compensationView(record, shown),
    parentKey,
    startedAt: new Date(record.firstAt),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt),
  }
}

function compensationView(record: EffectRecord, shown: Shown): CompensationView | null {
  if (!wasToBeUndone(record)) return null
  const { undoAttempt, undoError, undoneAt } = record
  return {
    attempts: undoAttempt,
    error: shown.error(undoError),
    endedAt: undoneAt === null ? null : new Date(undoneAt),
  }
}
