import type { RunView } from '../audit/run-view.ts'
import type { RunStatus } from '../store/records.ts'

export interface RecoverOptions {
  /** How many runs are looked at, apart from ended ones of which nobody here knows more. @default 1_000 */
  readonly limit?: number
  /** After this time nothing more is begun: for a cron route. @default no limit */
  readonly deadlineMs?: number
  /** Runs that nobody went on with for so long are closed as failed, and undone or not. @default they stay */
  readonly abandoned?: { readonly olderThanMs: number; readonly then: 'compensate' | 'keep' }
}

/** What a recovery did, and what it left. */
export interface Recovery {
  /** Effects whose owner was gone: nobody knows whether they happened, from now on. */
  readonly expired: number
  /** Effects of which a reconcile hook knew what became of them. */
  readonly resolved: number
  /** Holds whose owner was gone: they count in full from now on, until somebody says what the calls did cost. */
  readonly holdsCharged: number
  /** Compensations that had begun and were gone through. */
  readonly compensated: readonly { readonly runId: string; readonly status: RunStatus }[]
  /** Runs that were closed as abandoned. */
  readonly abandoned: readonly string[]
  /** Runs that a registered agent went on with, and how that ended; `error` is what it threw. */
  readonly resumed: readonly { readonly runId: string; readonly error?: unknown }[]
  /** Runs that can go on and have no registered agent here: dead ones, and waiting ones whose approvals are all decided. */
  readonly resumable: readonly RunView[]
  /**
   * What could not be gone through with: a compensation that needs a tool this process does not know, for example. What
   * another process has, or took over meanwhile, is that one's to go through with.
   */
  readonly blocked: readonly { readonly runId: string; readonly error: unknown }[]
  /** False when the limit or the deadline ended it early: call it again. */
  readonly complete: boolean
}
