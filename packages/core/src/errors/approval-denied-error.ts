import { HoldfastError } from './holdfast-error.ts'

/** A human said no to an effect: it was not executed. The run goes on. */
export class ApprovalDeniedError extends HoldfastError {
  static override readonly code = 'approval-denied'
  declare readonly code: 'approval-denied'
  readonly tool: string
  readonly key: string
  readonly runId: string
  readonly by: string | null
  readonly reason: string | null

  constructor(facts: { tool: string; key: string; runId: string; by: string | null; reason: string | null }) {
    const who = facts.by === null ? '' : ` by ${facts.by}`
    const why = facts.reason === null ? '' : `: ${facts.reason.replace(/\.$/, '')}`
    super(
      `"${facts.tool}" was denied${who}${why}. It was not executed, and asking again with the same arguments gets the same answer.`,
      { status: 403 },
    )
    this.tool = facts.tool
    this.key = facts.key
    this.runId = facts.runId
    this.by = facts.by
    this.reason = facts.reason
  }
}
