import { HoldfastError } from './holdfast-error.ts'

/** The process of a run died, nobody went on with it in time, and a recovery closed it. */
export class RunAbandonedError extends HoldfastError {
  static override readonly code = 'run-abandoned'
  declare readonly code: 'run-abandoned'
  readonly runId: string

  constructor(facts: { runId: string }) {
    super(
      `Run "${facts.runId}" was left by its process and closed by a recovery. Open it with retry: true for another attempt.`,
    )
    this.runId = facts.runId
  }
}
