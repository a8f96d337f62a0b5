import type { Usd } from '../usd.ts'
import type { LoopOptions } from './loop-options.ts'

export type OneOrMany<T> = T | readonly T[]

/**
 * How fast something may go: `burst` of it at once, and from then on one each `perMs / count`. Names at least one of
 * `calls`, `effects` and `tokens`.
 */
export interface RateLimit {
  readonly calls?: number
  readonly effects?: number
  /** The estimate counts when a call is sent; what it did not use is given back. */
  readonly tokens?: number
  readonly perMs: number
  /** Only where the rate is of one thing. @default the rate's own number */
  readonly burst?: number
}

/** Limits on the effects of one tool. */
export interface ToolLimits {
  readonly effects?: number
  readonly rate?: OneOrMany<ToolRateLimit>
}

/** The same as `RateLimit`, of the effects of one tool. */
export interface ToolRateLimit {
  readonly effects: number
  readonly perMs: number
  /** @default effects */
  readonly burst?: number
}

/** Over what a limit counts. Weeks begin on Monday. */
export type LimitPeriod =
  | {
      readonly every: 'day' | 'week' | 'month'
      /** An IANA name. @default 'UTC' */
      readonly timeZone?: string
    }
  /** The last so many milliseconds, to one sixtieth. */
  | { readonly rollingMs: number }

/** What a scope may use. What is absent is not limited; in a list, all of them hold. */
export interface Limits {
  /** Money: `usd(2)`. Hard: a call that could break it is not sent. */
  readonly budget?: Usd
  /** Input and output of model calls. */
  readonly tokens?: number
  /** Model calls that were sent. */
  readonly calls?: number
  /** Tool executions: reads and writes. */
  readonly effects?: number
  /** For runs: since the run was opened, or went on after it had waited for a human. */
  readonly wallMs?: number
  readonly rate?: OneOrMany<RateLimit>
  /** For runs and the session: how often the same call may be answered the same. `false`: as often as it likes. */
  readonly loop?: LoopOptions | false
  /** By the tool's name. */
  readonly tools?: Readonly<Record<string, ToolLimits>>
  /** Of budget, tokens, calls, effects and tools. @default since the scope began */
  readonly window?: LimitPeriod
  /** `soft` refuses nothing: it only tells of its thresholds. @default 'hard' */
  readonly mode?: 'hard' | 'soft'
  /** Parts of budget, tokens, calls and effects; each is told of once per period when that much is used. @default [], of a soft limit [1] */
  readonly thresholds?: readonly number[]
  /** The part of the budget that only `run.final` may spend. */
  readonly finalReserve?: Usd
}

export const LIMIT_DEFAULTS: {
  readonly timeZone: string
  readonly mode: 'hard' | 'soft'
  readonly thresholds: { readonly hard: readonly number[]; readonly soft: readonly number[] }
} = Object.freeze({
  timeZone: 'UTC',
  mode: 'hard',
  thresholds: Object.freeze({ hard: Object.freeze([]), soft: Object.freeze([1]) }),
})

/** One or many, as a list. */
export function listOf<T>(oneOrMany: OneOrMany<T>): readonly T[] {
  return Array.isArray(oneOrMany) ? oneOrMany : [oneOrMany as T]
}
