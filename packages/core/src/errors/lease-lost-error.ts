import { HoldfastError } from './holdfast-error.ts'

/** Somebody else has taken over; what this process still does is no longer recorded. */
export class LeaseLostError extends HoldfastError {
  static override readonly code = 'lease-lost'
  declare readonly code: 'lease-lost'
  readonly runId: string

  constructor(facts: { runId: string }) {
    const message =
      `Run "${facts.runId}" was taken over by another process, because this one was silent for longer than its lease. ` +
      'Nothing more is started here. Let the other one finish, or raise leaseMs if this process pauses for that long.'
    super(message, { status: 409 })
    this.runId = facts.runId
  }
}
