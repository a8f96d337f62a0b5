import { HoldfastError } from './holdfast-error.ts'

/** Somebody canceled the run. */
export class RunCanceledError extends HoldfastError {
  static override readonly code = 'run-canceled'
  declare readonly code: 'run-canceled'
  readonly runId: string

  constructor(facts: { runId: string; cause?: unknown }) {
    const message = `Run "${facts.runId}" was canceled. Nothing more of it is started; what had happened stays on record. Open it with retry: true to go on.`
    super(message, { status: 409, ...('cause' in facts ? { cause: facts.cause } : {}) })
    this.runId = facts.runId
  }
}
