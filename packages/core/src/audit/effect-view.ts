import type { Certainty, EffectRecord, EffectStatus } from '../store/records.ts'
import { downstreamKey, formatEffectKey } from '../util/effect-key-text.ts'
import { type ErrorView, errorView } from './error-view.ts'
import { readBody } from './read-body.ts'

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

/** A stored effect for people and programs; `parentKey` is the text of the key of `record.parentEffect`. */
export function effectView(record: EffectRecord, parentKey: string | null): EffectView {
  const { id, runId, tool, status, generation, attempt, epoch, resultKept, certainty } = record
  const { commitSeq, lane, callerKeyed } = record
  return {
    ...{ id, runId, tool, status, generation, attempt, epoch, resultKept, certainty, commitSeq, lane, callerKeyed },
    key: formatEffectKey(record.ownerSeq, record.key),
    idempotencyKey: downstreamKey(record.key, generation),
    args: readBody(record.args),
    result: readBody(record.result),
    error: errorView(record.error),
    parentKey,
    startedAt: new Date(record.firstAt),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt),
  }
}
