import type {
  Granted,
  HoldCost,
  HoldSettled,
  HoldTerms,
  Limited,
  LimitTerms,
  LimitUsage,
  NotBounded,
  ScopeUsage,
} from './limit-records.ts'
import type { Body, Refused, RunRef } from './records.ts'

export interface SetLimits {
  readonly limits: readonly {
    /** The name of a scope, or the beginning of names and `*`: each scope that it fits has counters of its own. */
    readonly pattern: string
    /** What was set at run time goes before what the code says. */
    readonly source: 'code' | 'runtime'
    /** All of them hold. Empty: known, and not limited. Null: removed. */
    readonly terms: readonly LimitTerms[] | null
  }[]
  readonly at: number
}

/** A hold of its own, for a call that the ledger does not see. */
export interface OpenHold {
  readonly run: RunRef
  /** What it is for, as a person reads it: a model's name. */
  readonly label: string
  readonly hold: HoldTerms
  /** It is for what has happened already, out of the store's reach: neither a limit nor the run's end refuses it. @default false */
  readonly afterwards?: boolean
  readonly at: number
}
export type HoldOpened = ({ readonly kind: 'held' } & Granted) | Limited | NotBounded | Refused

export interface SettleHold {
  readonly hold: number
  readonly cost: HoldCost
  readonly usage: Body | null
  readonly at: number
}

/**
 * Limits are rows: each verb reads them, so that a change counts at once. Those set at run time go before all that code
 * says, of either the exact name of a scope before patterns, and the longest of these before the others.
 *
 * A hold counts in every scope of its run, in all or none: the run's own, those above it, those that it names, its
 * thread, its session, the ledger's. After every commit `spent + held <= limit` in each hard limit, as long as no call
 * costs more than what was held for it and no limit is lowered below that. A hold leaves the open state in one
 * transaction: settled, released, or charged in full when its owner is gone.
 */
export interface MoneyStore {
  /** Tells which of them were not so already. */
  setLimits(set: SetLimits): Promise<{ readonly changed: readonly string[] }>
  openHold(open: OpenHold): Promise<HoldOpened>
  settleHold(settle: SettleHold): Promise<HoldSettled>
  /** Charges in full the open holds whose owner is gone. */
  expireHolds(at: number): Promise<{ readonly charged: number }>
  /** Counts a read where a limit counts effects; else it is `checkRun`. */
  startRead(read: StartRead): Promise<{ readonly kind: 'open' } | Limited | Refused>
  /** Null for a scope that nothing has used and nothing limits. */
  readUsage(scope: string, at: number): Promise<ScopeUsage | null>
  /** The limits in force on a scope, and what has gone of each: without what the scope has used since it began. */
  readLimits(scope: string, at: number): Promise<readonly LimitUsage[]>
  /** All limits that are set, of one pattern or of all; runs' own only by their name. */
  listLimits(pattern?: string): Promise<SetLimits['limits']>
}

export interface StartRead {
  readonly run: RunRef
  readonly tool: string
  readonly at: number
}
