import { EffectFailedError } from '../errors/effect-failed-error.ts'
import type { EffectClaimed } from '../store/effect-verbs.ts'
import type { EffectRecord } from '../store/records.ts'
import type { ClaimAnswer } from './claim-answer.ts'
import { keyText, type Outcome } from './invocation.ts'
import { fromRecord } from './serve.ts'

/** What an effect that is over answers to one more caller. */
export function settledAnswer(
  { effect, argsDiffer }: Extract<EffectClaimed, { kind: 'settled' }>,
  waited: boolean,
): ClaimAnswer {
  const outcome = fromRecord(effect) ?? takenBack(effect)
  return { kind: 'settled', outcome, key: keyText(effect), argsDiffer, waited }
}

/** It happened and is to be undone. On no record: asked again, it may have become something else. */
function takenBack(effect: EffectRecord): Outcome {
  const { id, generation, tool } = effect
  const key = keyText(effect)
  const original = { name: 'Error', message: `"${tool}" ${whatBecameOf(effect)}`, fields: {} }
  const error = new EffectFailedError({ tool, key, original })
  return { kind: 'error', error, effect: id, generation, body: null }
}

function whatBecameOf({ status, runId }: EffectRecord): string {
  const byWhom = `run "${runId}", which executed it,`
  switch (status) {
    case 'compensating':
      return `is being undone with ${byWhom} and was not run again. Wait for ledger.runs.compensate('${runId}'), then ask again.`
    case 'compensation_failed':
      return `was to be undone with ${byWhom} and that failed, so it may still be there. It was not run again. See to what stands in the way, and call ledger.runs.compensate('${runId}').`
    default:
      return `is ${status}, which answers nothing here. It was not run again. Use the version that wrote it.`
  }
}
