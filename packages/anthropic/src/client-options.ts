import type { GuardOptions } from '@holdfast/http'
import type { Ledger } from 'holdfast'

/** What a guarded client takes beside the SDK's own options; clones inherit it. */
export interface ClientGuardOptions extends Omit<GuardOptions, 'streamUsage'> {
  /** Who pays. @default the default ledger, as it is when a request is made */
  readonly ledger?: Ledger | undefined
}

/** Those that are ours, among all that a client was given. */
export const GUARD_OPTIONS = ['ledger', 'run', 'record', 'onStreamAbort'] as const
