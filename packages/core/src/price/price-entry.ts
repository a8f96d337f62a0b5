import type { UsageUnit } from '../usage/token-usage.ts'
import type { Rates } from './rates.ts'

/** Where a price came from. */
export type PriceSourceName = 'override' | 'file' | 'bundled' | 'given'

/** A factor on rates, as a fraction, so that 5/3 is exact. */
export interface Factor {
  readonly over: bigint
  readonly under: bigint
}

/** What a service tier does to rates: a factor on all, or on some another, or rates of its own. */
export interface ServiceTerms {
  readonly factor: Factor
  readonly units?: Readonly<Partial<Record<UsageUnit, Factor>>>
  readonly rates?: Rates
}

/** Rates of calls whose input is above so many tokens; they are for the whole call. The first step is above -1. */
export interface RateStep {
  readonly above: number
  readonly rates: Rates
}

/** When prices apply. Both parts have to. */
export interface PriceTime {
  /** Epoch milliseconds. */
  readonly from?: number
  /** Milliseconds of the day, UTC; over midnight where the end is the smaller one. */
  readonly daily?: { readonly start: number; readonly end: number }
}

/** The prices of a span of time. */
export interface PriceBand {
  readonly when?: PriceTime
  /** Ascending; the first is for all calls that no other is for. */
  readonly steps: readonly [RateStep, ...RateStep[]]
  /** By the name of the tier, in the form of `tierName`. */
  readonly services?: ReadonlyMap<string, ServiceTerms>
}

/** Everything that is known of what one model costs. */
export interface PriceEntry {
  /** As its table calls it. */
  readonly provider: string
  readonly model: string
  readonly aliases: readonly string[]
  readonly source: PriceSourceName
  /** Of several that apply at a time, the last one counts; if none does, the first. */
  readonly bands: readonly [PriceBand, ...PriceBand[]]
  readonly deprecated: boolean
  /** Seconds of audio that are billed at least. */
  readonly leastAudioSeconds?: number
}
