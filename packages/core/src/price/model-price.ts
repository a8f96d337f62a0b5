import type { UsageUnit } from '../usage/token-usage.ts'

/** An amount of dollars: a decimal text, exactly, or a number as JavaScript prints it. */
export type Dollars = number | string

/**
 * Dollars by unit: for tokens per million of them (or `per`), for everything else each. A unit that is left out costs
 * what the next wider one does: reasoning what output does, cache reads and audio what input does.
 */
export type PriceRates = { readonly [unit in UsageUnit]?: Dollars }

/** Rates of calls with a long input, for the whole call: every token that the price has a rate for needs one here. */
export interface ContextTier extends PriceRates {
  /** Tokens of input, the cached ones included: the tier begins with the next one. */
  readonly above: number
}

/** What a model costs: `{ input: 3, output: 15 }`. All zeros: it is free. */
export interface ModelPrice extends PriceRates {
  /** Tokens that the rates of tokens are for. @default 1_000_000 */
  readonly per?: 1 | 1_000 | 1_000_000
  readonly tiers?: readonly ContextTier[]
  /** By the provider's name of a service tier: a factor on all rates of tokens, or all these rates. */
  readonly serviceTiers?: Readonly<Record<string, Dollars | PriceRates>>
  /** Other names of the model. */
  readonly aliases?: readonly string[]
  /** From when on these are the prices: a date such as `2026-12-01`, or a time. Of a list, the last that applies counts. */
  readonly from?: string | Date
  /** Hours of the day, UTC, such as `['16:30', '00:30']`. */
  readonly between?: readonly [start: string, end: string]
}

/** Prices by provider and model; the model `*` stands for all others of its provider, the provider `*` for all others. */
export type PriceTable = Readonly<Record<string, Readonly<Record<string, ModelPrice | readonly ModelPrice[]>>>>

/** Where prices come from. Overrides go before the file, the file before what is bundled; nothing is ever fetched. */
export interface PriceOptions {
  readonly overrides?: PriceTable
  /** Path of a JSON file that holds a table of the same shape. */
  readonly file?: string
  /** Providers under names of your own: `{ 'our-gateway': 'openai' }`. */
  readonly providers?: Readonly<Record<string, string>>
  /** A factor on all rates of a provider: `{ openai: '1.1' }` for data that stays in a region, or your discount. */
  readonly multipliers?: Readonly<Record<string, Dollars>>
  /** What a provider makes of a request that names no service tier, where its project settings say so. @default 'standard' */
  readonly serviceTier?: string
}

/** The one place where the defaults of prices live. */
export const PRICE_DEFAULTS: { readonly per: 1_000_000; readonly serviceTier: string } = Object.freeze({
  per: 1_000_000,
  serviceTier: 'standard',
})
