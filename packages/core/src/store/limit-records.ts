/**
 * Over what a limit counts: everything ever, a calendar period of a time zone (weeks begin on Monday), or the last
 * `rollingMs` milliseconds.
 */
export type LimitWindow =
  | null
  | { readonly every: 'day' | 'week' | 'month'; readonly timeZone: string }
  | { readonly rollingMs: number }

/** At most `burst` at once, and then one each `perMs / count` (GCRA). `tool`: only its effects. */
export interface RateTerms {
  readonly of: 'calls' | 'effects' | 'tokens'
  readonly tool: string | null
  readonly count: number
  readonly perMs: number
  readonly burst: number
}

/** One limit on a scope, as it is stored. Money is integer nano-USD; null: not limited. */
export interface LimitTerms {
  /** `soft` refuses nothing: it only tells of its thresholds. */
  readonly mode: 'hard' | 'soft'
  readonly budgetNano: number | null
  /** The part of the budget that only `run.final` may spend. */
  readonly finalReserveNano: number
  readonly tokens: number | null
  readonly calls: number | null
  readonly effects: number | null
  /** Since the run was opened, or went on after it had waited for a human; of a run only. */
  readonly wallMs: number | null
  readonly rates: readonly RateTerms[]
  readonly tools: readonly { readonly tool: string; readonly effects: number }[]
  readonly window: LimitWindow
  /** Parts of a limit, ascending; each is told of once per period when what is settled reaches it. */
  readonly thresholds: readonly number[]
}

/** What a limit can be about. */
export const LIMIT_KINDS = ['budget', 'tokens', 'calls', 'effects', 'wall', 'rate'] as const
export type LimitKind = (typeof LIMIT_KINDS)[number]

/** Nothing was reserved and nothing was counted: a hard limit of one scope does not allow it. */
export interface Limited {
  readonly kind: 'limited'
  readonly what: LimitKind
  /** The name of the scope, such as `run:order-42` or `user:ann`. */
  readonly scope: string
  /** Sequence number of the run whose scope it is; null: it is shared. */
  readonly runSeq: number | null
  /** Where the limit is one on a tool. */
  readonly tool: string | null
  /** nano-USD, tokens, calls, effects or milliseconds; of a rate, how many per `perMs`. */
  readonly limit: number
  readonly perMs: number | null
  /** Of a rate: what it counts. */
  readonly of?: RateTerms['of']
  readonly spent: number
  readonly held: number
  /** The least that would have been needed. */
  readonly requested: number
  /** Only open holds, or the pace, are in the way. */
  readonly waitingHelps: boolean
  /** When there is more: the end of the period, or when the rate allows it. Null: never by itself. */
  readonly resetsAt: number | null
}

/** Nothing was reserved: what the call costs cannot be bounded, and this scope has a hard limit that it could break. */
export interface NotBounded {
  readonly kind: 'not_bounded'
  readonly why: 'unpriced' | 'unbounded'
  readonly scope: string
  readonly runSeq: number | null
  readonly what: 'budget' | 'tokens'
  readonly limit: number
}

/** What a call is to hold in every scope of its run. */
export interface HoldTerms {
  /** At most, for everything but the output, in nano-USD. */
  readonly inputNano: number
  readonly inputTokens: number
  /** nano-USD for a million tokens of output. */
  readonly outputRate: number
  /** Tokens of output: as many as all scopes afford, at most `most`; less than `least` is refused. */
  readonly output: { readonly least: number; readonly most: number }
  /** What it costs may be more than is held, so that scopes with a hard limit on it refuse it; null: it is bounded, or allowed. */
  readonly refuseFor: 'unpriced' | 'unbounded' | null
  /** False: an overrun is possible, and allowed. */
  readonly bounded: boolean
  readonly priceVersion: string | null
  /** May spend what `finalReserveNano` keeps back. */
  readonly final: boolean
}

/**
 * A hold comes to no more than a million dollars and a trillion tokens, or what was put aside if that is more: a call that
 * is said to have used more than anything can must not make a sum that nobody can count.
 */
export const MOST_OF_A_HOLD: { readonly nano: number; readonly tokens: number } = Object.freeze({
  nano: 1_000_000_000_000_000,
  tokens: 1_000_000_000_000,
})

/**
 * How long after its process's last sign of life a hold is lost, where its run has no lease that would say so: that of a
 * run that many share, or that is never taken over.
 */
export const HOLD_LEASE_MS = 60_000

export const HOLD_STATUSES = ['open', 'settled', 'released', 'charged'] as const
export type HoldStatus = (typeof HOLD_STATUSES)[number]

/** What was put aside for a call, and what it came to. Money is integer nano-USD. */
export interface HoldRecord {
  readonly id: number
  readonly status: HoldStatus
  readonly nano: number
  readonly tokens: number
  /** Null while it is open. */
  readonly settledNano: number | null
  readonly settledTokens: number | null
  readonly exactUsd: string | null
  readonly priceVersion: string | null
  readonly bounded: boolean
  /** Nobody said what was used. */
  readonly estimated: boolean
}

/** What is held. */
export interface Granted {
  readonly hold: number
  readonly nano: number
  readonly tokens: number
  readonly outputTokens: number
  /** A hard limit counts what the output costs, in money or tokens: the call must be sent with `outputTokens` as its cap. */
  readonly limited: boolean
}

/** What a hold comes to. */
export type HoldCost =
  | {
      readonly kind: 'spent'
      readonly nano: number
      readonly tokens: number
      /** The exact amount in USD, as a decimal text. */
      readonly exactUsd: string | null
      readonly priceVersion: string | null
      /** Nobody said what was used: an upper bound by what was seen. */
      readonly estimated: boolean
    }
  /** Nothing was billed. `sent`: it counts as a call all the same. */
  | { readonly kind: 'released'; readonly sent: boolean }
  /** Nobody knows what it cost: the whole hold, until a later settlement corrects it. */
  | { readonly kind: 'charged' }

/** A part of a limit that was reached now, for the first time in its period. */
export interface ThresholdReached {
  readonly scope: string
  readonly what: 'budget' | 'tokens' | 'calls' | 'effects'
  readonly threshold: number
  readonly limit: number
  readonly spent: number
}

/**
 * Always accepted: it records what already happened. `already_settled`: this hold had its settlement. `corrected`: it had
 * been charged or released before.
 */
export type HoldSettled =
  | {
      readonly kind: 'settled'
      readonly nano: number
      readonly tokens: number
      readonly corrected: boolean
      /** By how much it was more than what was held. */
      readonly overrunNano: number
      readonly overrunTokens: number
      readonly reached: readonly ThresholdReached[]
    }
  | { readonly kind: 'already_settled' }

/** One limit of a scope, and what has gone of it in its present period. */
export interface LimitUsage {
  readonly terms: LimitTerms
  readonly startsAt: number
  /** Null: it never resets by itself. Of a rolling window: when the oldest part of what was spent falls out. */
  readonly endsAt: number | null
  readonly spentNano: number
  readonly heldNano: number
  readonly spentTokens: number
  readonly heldTokens: number
  readonly calls: number
  /** 0 where the limit is not about effects. */
  readonly effects: number
  readonly tools: readonly { readonly tool: string; readonly effects: number }[]
}

/** What a scope has used since it began, and of each of its limits. */
export interface ScopeUsage {
  readonly scope: string
  readonly spentNano: number
  readonly heldNano: number
  readonly spentTokens: number
  readonly heldTokens: number
  readonly calls: number
  readonly limits: readonly LimitUsage[]
}
