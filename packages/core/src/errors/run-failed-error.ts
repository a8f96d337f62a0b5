import { HoldfastError, hide } from './holdfast-error.ts'
import { reviveError } from './revive.ts'
import type { SerializedError } from './serialized-error.ts'

/** The run failed earlier, and this is the error on its record; nothing ran now. */
export class RunFailedError extends HoldfastError {
  static override readonly code = 'run-failed'
  declare readonly code: 'run-failed'
  readonly runId: string
  /** What has become of the run; `status` is the HTTP one. */
  readonly runStatus: string
  /** The run's error, as it is stored. */
  declare readonly original: SerializedError

  constructor(facts: { runId: string; runStatus: string; original: SerializedError }) {
    super(`Run "${facts.runId}" ended as ${facts.runStatus}: ${facts.original.message.replace(/\.$/, '')}. ${ADVICE}`, {
      cause: reviveError(facts.original),
    })
    this.runId = facts.runId
    this.runStatus = facts.runStatus
    hide(this, 'original', facts.original)
  }

  protected override publicMessage(): string {
    return `Run "${this.runId}" ended as ${this.runStatus}. ${ADVICE}`
  }
}

const ADVICE = 'Nothing ran now. Open it with retry: true for another attempt.'
