import { hide } from '../errors/holdfast-error.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { serializeError } from '../errors/serialize.ts'
import type { PlanOutcome } from './plan.ts'

/**
 * A plan failed, and what it had done is undone as far as that can be. `cause` is what the failed step threw, or a
 * `CompensationFailedError`.
 */
export class PlanFailedError extends RunFailedError {
  /** What became of each step. Hidden from `toJSON`: it has arguments and results. */
  declare readonly plan: PlanOutcome

  constructor(plan: PlanOutcome, cause: unknown) {
    super({ runId: plan.runId, runStatus: plan.status, original: serializeError(cause), cause, advice: adviceOf(plan) })
    hide(this, 'plan', plan)
  }
}

function adviceOf({ status, runId }: PlanOutcome): string {
  if (status === 'compensated') return 'What its steps had done is undone.'
  if (status === 'failed') return 'None of its steps had done anything that had to be undone.'
  return `Not all of its steps could be undone: see to what stands in the way, then call ledger.runs.compensate('${runId}').`
}
