import { HoldfastError, hide } from './holdfast-error.ts'
import { reviveError } from './revive.ts'
import type { SerializedError } from './serialized-error.ts'

/** The run has failed, and this is the error on its record. */
export class RunFailedError extends HoldfastError {
  static override readonly code = 'run-failed'
  declare readonly code: 'run-failed'
  readonly runId: string
  /** What has become of the run; `status` is the HTTP one. */
  readonly runStatus: string
  /** The run's error, as it is stored. */
  declare readonly original: SerializedError

  readonly #advice: string

  /** `cause`: the live error, where there is one; else it is made from `original`. */
  constructor(facts: RunFailure) {
    const { runId, runStatus, original, advice = ADVICE } = facts
    super(`Run "${runId}" ended as ${runStatus}: ${original.message.replace(/\.$/, '')}. ${advice}`, {
      cause: facts.cause ?? reviveError(original),
    })
    this.runId = runId
    this.runStatus = runStatus
    this.#advice = advice
    hide(this, 'original', original)
  }

  protected override publicMessage(): string {
    return `Run "${this.runId}" ended as ${this.runStatus}. ${this.#advice}`
  }
}

export interface RunFailure {
  readonly runId: string
  readonly runStatus: string
  readonly original: SerializedError
  readonly cause?: unknown
  /** What the caller is told to do. @default it ran earlier, and `retry` opens another attempt */
  readonly advice?: string
}

const ADVICE = 'Nothing ran now. Open it with retry: true for another attempt.'
