import { HoldfastError } from './holdfast-error.ts'

/** What a human is asked, as an error shows it: `ledger.approvals.get(key)` has the arguments too. */
export interface RequiredApproval {
  readonly key: string
  /** With the key it says which question this is: what `approvals.approve` takes, too. */
  readonly generation: number
  readonly tool: string
  readonly runId: string
  readonly reason: string | null
  /** Epoch milliseconds. */
  readonly requestedAt: number
  readonly expiresAt: number | null
}

/** A human has to approve an effect before it executes: it has not, and the run waits. */
export class ApprovalRequiredError extends HoldfastError {
  static override readonly code = 'approval-required'
  declare readonly code: 'approval-required'
  readonly approval: RequiredApproval

  constructor(approval: RequiredApproval) {
    const why = approval.reason === null ? '' : ` (${approval.reason})`
    const message =
      `"${approval.tool}" needs an approval${why}. It has not been executed, and run "${approval.runId}" waits. ` +
      `Decide with ledger.approvals.approve('${approval.key}') or deny, then open the same run id again.`
    super(message, { status: 202 })
    this.approval = approval
  }
}
