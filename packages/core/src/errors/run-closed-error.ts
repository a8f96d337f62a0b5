import { HoldfastError } from './holdfast-error.ts'

/** Work was asked of a run that is ending or has ended. */
export class RunClosedError extends HoldfastError {
  static override readonly code = 'run-closed'
  declare readonly code: 'run-closed'
  readonly runId: string
  /** What has become of the run; `status` is the HTTP one. */
  readonly runStatus: string

  constructor(facts: { runId: string; runStatus: string }) {
    const message =
      `Run "${facts.runId}" is ${facts.runStatus}: it takes no more work, and nothing was started. ` +
      'Await every tool before the agent returns, or keep the run open with run.waitUntil(promise).'
    super(message, { status: 409 })
    this.runId = facts.runId
    this.runStatus = facts.runStatus
  }
}
