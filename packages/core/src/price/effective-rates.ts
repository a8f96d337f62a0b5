import type { UsageUnit } from '../usage/token-usage.ts'
import { ceilDivide } from '../usd/decimal.ts'
import type { Factor, PriceBand, RateStep, ServiceTerms } from './price-entry.ts'
import { type Rate, rateOf } from './rates.ts'

/** What tools and requests cost has no tier and no region. */
const FLAT: readonly UsageUnit[] = ['requests', 'webSearches', 'fileSearches', 'codeSessions', 'otherToolCalls']

/** Everything besides the model that a rate depends on. */
export interface Terms {
  readonly band: PriceBand
  readonly service: ServiceTerms
  readonly region: Factor
  /** The caller's own factor on a provider. */
  readonly multiplier: Factor
}

/** The step for a call with so much input: the tier begins with the next token after its mark. */
export function stepFor({ steps }: PriceBand, inputTokens: number): RateStep {
  return steps.findLast(({ above }) => inputTokens > above) ?? steps[0]
}

/** What a unit costs under these terms, rounded up to whole nano-USD for a million. */
export function effectiveRate(step: RateStep, unit: UsageUnit, terms: Terms): Rate | undefined {
  const { service } = terms
  const rates = service.rates === undefined ? step.rates : { ...step.rates, ...service.rates }
  const rate = rateOf(rates, unit)
  if (rate === undefined) return undefined
  const { multiplier, region } = terms
  if (FLAT.includes(unit)) return { ...rate, nano: ceilDivide(rate.nano * multiplier.over, multiplier.under) }
  const tier = service.units?.[unit] ?? service.factor
  const over = rate.nano * multiplier.over * tier.over * region.over
  return { ...rate, nano: ceilDivide(over, multiplier.under * tier.under * region.under) }
}
