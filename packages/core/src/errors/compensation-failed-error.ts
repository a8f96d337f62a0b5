import { HoldfastError, hide } from './holdfast-error.ts'
import type { SerializedError } from './serialized-error.ts'

/** An effect that was not undone. */
export interface CompensationFailure {
  readonly key: string
  readonly tool: string
  /** What its compensation threw last, or why it could not be started. */
  readonly error: SerializedError
}

/** A run failed, and not all that it did could be undone. `cause` is the run's own error. */
export class CompensationFailedError extends HoldfastError {
  static override readonly code = 'compensation-failed'
  declare readonly code: 'compensation-failed'
  readonly runId: string
  /** The effects that are still as they were, by key and tool. */
  readonly left: readonly { readonly key: string; readonly tool: string }[]
  /** The same, with what went wrong. */
  declare readonly failures: readonly CompensationFailure[]

  constructor(facts: { runId: string; failures: readonly CompensationFailure[]; cause?: unknown }) {
    const names = facts.failures.map(({ tool }) => `"${tool}"`).join(', ')
    const message =
      `Run "${facts.runId}" failed, and ${facts.failures.length} of its effects could not be compensated: ${names}. ` +
      `The others are. See to what stands in the way, then call ledger.runs.compensate('${facts.runId}'), which tries what is left.`
    super(message, { status: 409, ...('cause' in facts ? { cause: facts.cause } : {}) })
    this.runId = facts.runId
    this.left = facts.failures.map(({ key, tool }) => ({ key, tool }))
    hide(this, 'failures', facts.failures)
  }
}
