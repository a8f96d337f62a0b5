import { HoldfastError, hide } from './holdfast-error.ts'

/** `run.halt(reason)` was called: the run may start nothing more. */
export class RunHaltedError extends HoldfastError {
  static override readonly code = 'run-halted'
  declare readonly code: 'run-halted'
  readonly runId: string
  /** What the caller gave as the reason; kept from clients. */
  declare readonly reason: unknown

  constructor(facts: { runId: string; reason: unknown }) {
    const { runId, reason } = facts
    const why = typeof reason === 'string' ? ` (${reason})` : ''
    super(`${haltOf(runId)}${why}. ${ADVICE}`, { status: 409, ...(reason instanceof Error ? { cause: reason } : {}) })
    this.runId = runId
    hide(this, 'reason', reason)
  }

  protected override publicMessage(): string {
    return `${haltOf(this.runId)}. ${ADVICE}`
  }
}

const ADVICE = 'Nothing more of it is started in this attempt. Open it with retry: true to go on.'

function haltOf(runId: string): string {
  return `Run "${runId}" was halted`
}
