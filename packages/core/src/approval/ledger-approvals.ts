import type { ApprovalView } from './approval-view.ts'
import type { ApproveOptions, DecisionOptions, OverruleOptions } from './decide-approval.ts'
import type { PendingQuery } from './pending-approvals.ts'

/**
 * What humans are asked before effects execute. A decision answers true if it is the one that counts, and false if the
 * question was decided otherwise, is over, or was never put.
 */
export interface LedgerApprovals {
  /** Open questions, oldest first, page by page as they are read. */
  pending(query?: PendingQuery): AsyncIterable<ApprovalView>
  /** The newest question about an effect, by the effect's key. */
  get(key: string): Promise<ApprovalView | undefined>
  /** Has a human asked about an effect that was claimed by hand and not begun, or asked again about one that was denied. */
  request(key: string, options?: { readonly reason?: string; readonly expiresMs?: number }): Promise<boolean>
  approve(key: string, options?: ApproveOptions): Promise<boolean>
  /** The no goes to the model; its run goes on. */
  deny(key: string, options?: OverruleOptions): Promise<boolean>
  /** Takes the question back, or an approval that nothing has come of; asked again, it is a new question. */
  cancel(key: string, options?: DecisionOptions): Promise<boolean>
}
