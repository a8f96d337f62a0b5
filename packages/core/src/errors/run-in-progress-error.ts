import { HoldfastError } from './holdfast-error.ts'

/** The run is being executed elsewhere. */
export class RunInProgressError extends HoldfastError {
  static override readonly code = 'run-in-progress'
  declare readonly code: 'run-in-progress'
  readonly runId: string
  /** Until when the other owner holds it, in epoch milliseconds; it may renew. */
  declare readonly leaseUntil?: number

  constructor(facts: { runId: string; leaseUntil?: number }) {
    const message = `Run "${facts.runId}" is being executed elsewhere. Nothing was started here. Ask again later, or pass join: true to wait for its outcome.`
    super(message, { status: 409 })
    this.runId = facts.runId
    if (facts.leaseUntil !== undefined) this.leaseUntil = facts.leaseUntil
  }
}
