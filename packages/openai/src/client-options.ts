import type { GuardOptions } from '@holdfast/http'
import type { Ledger } from 'holdfast'

/** What a guarded client takes beside the SDK's own options; clones inherit it. */
export interface ClientGuardOptions extends GuardOptions {
  /** Who pays. @default the default ledger, as it is when a request is made */
  readonly ledger?: Ledger | undefined
  /**
   * What a client does with realtime and other websockets, whose use nobody sees: it refuses them, or opens them
   * unmetered. Only openai 7 asks its client before it opens one. @default 'refuse'
   */
  readonly websockets?: 'refuse' | 'unmetered' | undefined
}

/** Those that are ours, among all that a client was given. */
export const GUARD_OPTIONS = ['ledger', 'run', 'record', 'onStreamAbort', 'streamUsage', 'websockets'] as const
