import type { LimitKind } from '../store/limit-records.ts'
import type { Usd } from '../usd.ts'

/** What a ledger tells of limits and money. Amounts of a `budget` are nano-USD (`formatUsd` shows them), others are counts. */
export interface MoneyEvents {
  /** A limit, from the code or set at run time, is another one from now on. */
  'limits-set': {
    /** A scope's name, or a pattern. */
    readonly scope: string
    readonly source: 'code' | 'runtime'
  }
  /** A hard limit or a rate did not allow a model call or an effect, which was not started. */
  'limit-refused': {
    readonly runId: string
    /** The scope whose limit it is. */
    readonly scope: string
    readonly what: LimitKind
    readonly limit: number
    readonly spent: number
    readonly held: number
    readonly requested: number
    /** Null where it was a model call. */
    readonly tool: string | null
    readonly model: string | null
    /** Only calls in flight, or the pace, stand in the way: the run goes on. */
    readonly waitingHelps: boolean
    readonly resetsAt: Date | null
  }
  /** A part of a limit was reached, for the first time in its period. */
  'threshold-reached': {
    readonly runId: string
    readonly scope: string
    readonly what: 'budget' | 'tokens' | 'calls' | 'effects'
    /** The part: 0.8 is four fifths. */
    readonly threshold: number
    readonly limit: number
    readonly spent: number
  }
  /** A call came to more than what was put aside for it: recorded in full, and a limit may be broken by it. */
  overrun: {
    readonly runId: string
    readonly model: string
    readonly over: Usd
    readonly overTokens: number
  }
  /** No price of the model is known, and its call went on: at an assumed price, or counted as nothing. */
  'price-unknown': {
    readonly runId: string
    readonly provider: string
    readonly model: string
    readonly did: 'assumed' | 'allowed'
  }
  /** What a call may use has no bound, and it went on with an allowance on top, or because no hard limit is on it. */
  'call-unbounded': {
    readonly runId: string
    readonly model: string
    /** The parts of the request that have none. */
    readonly unboundedBy: readonly string[]
    readonly allowance: Usd | null
  }
  /** The caller's own reader of a call's usage did not say what was used: the answer itself says it, or else it is estimated. */
  'usage-not-read': {
    readonly runId: string
    readonly model: string
    readonly reason: string
  }
  /**
   * What a call came to could not be reckoned, or not be recorded: all that was put aside for it counts, unless that was
   * nothing, because the store was out of reach. Its answer is released.
   */
  'settlement-failed': {
    readonly runId: string
    readonly model: string
    readonly reason: string
  }
  /** A call that was charged in full, because its provider owed the answer, has its true cost. */
  'call-corrected': {
    readonly runId: string
    readonly model: string
    /** What its provider knows it by. */
    readonly externalId: string
    /** What counted until now. */
    readonly before: Usd
    readonly spent: Usd
    /** It is still a bound: not all that it used was told, or has a price. */
    readonly estimated: boolean
  }
  /** A request to a provider went through that nobody knows the cost of: nothing counts it. */
  'request-unmetered': {
    /** Null outside of runs. */
    readonly runId: string | null
    readonly method: string
    /** Without its query and credentials. */
    readonly url: string
  }
  /** A call was sent with a lower limit of its output than it asked for, or with one where it had none. */
  'output-capped': {
    readonly runId: string
    readonly model: string
    /** What it asked for; null: nothing. */
    readonly asked: number | null
    readonly outputTokens: number
  }
  /** A call waited for others to give room, or for its pace. */
  'budget-waited': {
    readonly runId: string
    readonly scope: string
    readonly waitedMs: number
    /** False: it was refused in the end, or given up. */
    readonly gotIt: boolean
  }
}
