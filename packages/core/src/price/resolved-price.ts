import { checkUsage, type TokenUsage, type UsageUnit } from '../usage/token-usage.ts'
import type { Usd } from '../usd.ts'
import { boundOf, type CallBound, type CostBound } from './bound.ts'
import { type Cost, costOf } from './cost.ts'
import type { Terms } from './effective-rates.ts'
import { PRICE_DEFAULTS } from './model-price.ts'
import type { Factor, PriceBand, PriceEntry, PriceSourceName } from './price-entry.ts'
import { bandAt, bandsBetween } from './price-time.ts'
import type { Rates } from './rates.ts'
import { regionFactor, servedTiers, serviceTerms, tierName, times } from './service-tiers.ts'

/** How a call was served, in the words of its answer; where that does not say, in those of the request. */
export interface Served {
  readonly serviceTier?: string
  readonly region?: string
}

interface PriceFacts {
  readonly entry: PriceEntry
  /** Who serves it: not always whose price it is. */
  readonly provider: string
  readonly at: number
  readonly version: string
  readonly multiplier?: Factor
  /** What a request without a tier gets. */
  readonly defaultTier?: string
  readonly assumed?: boolean
}

const DEAREST_REGION = 'us'

/** What one model costs at one time. Immutable. */
export class ResolvedPrice {
  readonly provider: string
  /** The name under which the price is listed. */
  readonly model: string
  readonly source: PriceSourceName
  /** Of the table that it is from: recorded with what is settled by it. */
  readonly version: string
  /** True: it is another model's, the dearest of its provider, because nobody knows the price of this one. */
  readonly assumed: boolean
  readonly #facts: PriceFacts

  constructor(facts: PriceFacts) {
    this.provider = facts.provider
    this.model = facts.entry.model
    this.source = facts.entry.source
    this.version = facts.version
    this.assumed = facts.assumed ?? false
    this.#facts = facts
  }

  /** Whether the price says that it costs nothing, at any time and in any tier. */
  get isFree(): boolean {
    return this.#tables.every((rates) => Object.values(rates).every((rate) => rate === 0n))
  }

  /** Whether it names a price of any of these, at any time and in any tier. */
  hasRateOf(units: readonly UsageUnit[]): boolean {
    return this.#tables.some((rates) => units.some((unit) => rates[unit] !== undefined))
  }

  /**
   * What a call cost that started at the time of this price. Undefined where nothing of the usage has a price, which is
   * no zero. Throws `ConfigError` for a usage that is none.
   */
  cost(usage: TokenUsage, served: Served = {}): Cost | undefined {
    checkUsage('The cost of a call', usage)
    const { entry, at } = this.#facts
    return costOf(entry, usage, this.#terms(bandAt(entry, at), this.#tier(served.serviceTier), served.region))
  }

  /** The most that a call can cost: no usage within the bound ever comes to more. */
  atMost(call: CallBound): CostBound {
    if (!Number.isSafeInteger(call.inputTokens) || call.inputTokens < 0)
      throw new RangeError(`${call.inputTokens} is no number of tokens`)
    const { entry, at } = this.#facts
    const region = call.region ?? DEAREST_REGION
    const terms = bandsBetween(entry, at, call.until ?? at).flatMap((band) =>
      servedTiers(this.#tier(call.serviceTier)).map((tier) => this.#terms(band, tier, region)),
    )
    return boundOf(entry, call, terms)
  }

  get #tables(): readonly Rates[] {
    return this.#facts.entry.bands.flatMap(({ steps, services }) => [
      ...steps.map(({ rates }) => rates),
      ...[...(services?.values() ?? [])].flatMap(({ rates }) => rates ?? []),
    ])
  }

  #tier(tier: string | undefined): string {
    const name = tierName(tier ?? 'auto')
    return name === 'auto' ? tierName(this.#facts.defaultTier ?? PRICE_DEFAULTS.serviceTier) : name
  }

  #terms(band: PriceBand, tier: string, region: string | undefined): Terms {
    const { entry, provider, multiplier = times('1') } = this.#facts
    return {
      band,
      service: serviceTerms(band, provider, entry.model, tier),
      region: regionFactor(provider, entry.model, region),
      multiplier,
    }
  }
}

/** What is held for a call with at most so many tokens of output. */
export function holdOf(
  { inputNano, outputRate }: Pick<CostBound, 'inputNano' | 'outputRate'>,
  outputTokens: number,
): bigint {
  return BigInt(inputNano) + (BigInt(outputTokens) * BigInt(outputRate) + 999_999n) / 1_000_000n
}

/** How many tokens of output so much money affords; undefined where even the input does not fit. */
export function affordableOutput({ inputNano, outputRate }: CostBound, money: Usd): number | undefined {
  if (money < inputNano) return undefined
  if (outputRate === 0) return Number.MAX_SAFE_INTEGER
  const tokens = (BigInt(money - inputNano) * 1_000_000n) / BigInt(outputRate)
  return Number(tokens > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : tokens)
}
