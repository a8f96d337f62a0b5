import { recordedError } from '../codec/recorded-error.ts'
import type { CompensationFailure } from '../errors/compensation-failed-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { serializeError } from '../errors/serialize.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import type { DecisionStore, UndoStep } from '../store/decision-verbs.ts'
import { downstreamKey, formatEffectKey } from '../util/effect-key-text.ts'

/** What of a run and everything below it was not undone, and why. */
export async function failuresOf(
  store: Pick<DecisionStore, 'readUndo'>,
  runSeq: number,
): Promise<CompensationFailure[]> {
  return failuresAmong(await store.readUndo(runSeq))
}

/** The same of what was read already. `undecided`: whose reconcile hook could not say. */
export function failuresAmong(
  steps: readonly UndoStep[],
  undecided: ReadonlySet<number> = new Set(),
): CompensationFailure[] {
  return steps.filter((step) => isLeft(step, undecided)).map(failureOf)
}

/** A failure that is only assumed to have had no effect counts as none, unless somebody was asked and could not say. */
function isLeft({ effect, coveredBy }: UndoStep, undecided: ReadonlySet<number>): boolean {
  if (effect.status === 'failed') return undecided.has(effect.id)
  return coveredBy === null
}

function failureOf({ effect }: UndoStep): CompensationFailure {
  const { tool, ownerSeq, key } = effect
  return { key: formatEffectKey(ownerSeq, key), tool, error: errorOf(effect) }
}

function errorOf(effect: UndoStep['effect']): SerializedError {
  const body = effect.status === 'compensation_failed' ? effect.undoError : null
  if (body !== null) return recordedError(body)
  if (effect.status === 'unknown' || effect.status === 'failed') return serializeError(unknown(effect))
  return { name: 'Error', message: `it is ${effect.status} and was not compensated`, fields: {} }
}

function unknown({ tool, ownerSeq, key, generation, runId }: UndoStep['effect']): EffectUnknownError {
  const idempotencyKey = downstreamKey(key, generation)
  return new EffectUnknownError({ tool, key: formatEffectKey(ownerSeq, key), idempotencyKey, runId })
}
