import { USAGE_UNITS } from '../usage/token-usage.ts'
import { withCacheWrites } from './cache-writes.ts'
import { isUnit, parseRate, parseRates, shown, wrongPrice } from './parse-rates.ts'
import type { PriceBand, RateStep, ServiceTerms } from './price-entry.ts'
import { type Rates, TOKEN_UNITS } from './rates.ts'
import { tierName, times } from './service-tiers.ts'

/** The rates of a price, as they were given, which its tiers are read against. */
export interface BaseRates {
  readonly model: string
  readonly per: number
  readonly base: Rates
}

const TIER_ADVICE = 'Write { above: 200_000, input: 6, output: 22.5 }.'

/** Context tiers, after the rates for all other calls. Throws `ConfigError`. */
export function parseSteps(where: string, given: unknown, rates: BaseRates): PriceBand['steps'] {
  if (given !== undefined && !Array.isArray(given)) throw wrongPrice(where, 'is no list', `In it, ${TIER_ADVICE}`)
  const steps = (given ?? []).map((tier: unknown, index: number) => parseStep(`${where}[${index}]`, tier, rates))
  for (const [index, { above }] of steps.entries()) {
    if (index > 0 && above <= (steps[index - 1]?.above ?? 0))
      throw wrongPrice(`${where}[${index}].above`, 'is not above the one before', 'Put the tiers in order.')
  }
  return [{ above: -1, rates: withCacheWrites(rates.model, rates.base) }, ...steps]
}

function parseStep(where: string, tier: unknown, rates: BaseRates): RateStep {
  if (typeof tier !== 'object' || tier === null) throw wrongPrice(where, `is ${shown(tier)}`, TIER_ADVICE)
  const { above, ...given } = tier as { above?: unknown }
  if (!Number.isSafeInteger(above) || (above as number) < 1)
    throw wrongPrice(`${where}.above`, `is ${shown(above)}, which is no number of tokens`, TIER_ADVICE)
  return { above: above as number, rates: parseOthers(where, given, rates) }
}

/** What service tiers are named, and what each does to the rates. Throws `ConfigError`. */
export function parseServices(where: string, given: unknown, rates: BaseRates): ReadonlyMap<string, ServiceTerms> {
  if (given === undefined) return new Map()
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrongPrice(where, `is ${shown(given)}`, "Write { flex: '0.5' }, or rates.")
  return new Map(
    Object.entries(given).map(([tier, terms]: [string, unknown]) => {
      const place = `${where}.${tier}`
      if (typeof terms !== 'object' || terms === null) return [tierName(tier), { factor: parseFactor(place, terms) }]
      return [tierName(tier), { factor: times('1'), rates: parseOthers(place, terms, rates) }]
    }),
  )
}

/** Rates instead of the price's own. They must name every token that it names: what they left out would be a guess. */
function parseOthers(where: string, given: object, { model, per, base }: BaseRates): Rates {
  const unknown = Object.keys(given).find((name) => !isUnit(name))
  if (unknown !== undefined) throw wrongPrice(where, `has no '${unknown}'`, `Units: ${USAGE_UNITS.join(', ')}.`)
  const rates = parseRates(where, given, per)
  const missing = TOKEN_UNITS.find((unit) => base[unit] !== undefined && rates[unit] === undefined)
  if (missing !== undefined)
    throw wrongPrice(where, `says nothing of '${missing}', which the price has a rate for`, 'Name that rate, too.')
  return withCacheWrites(model, { ...base, ...rates })
}

/** A factor above zero, as a decimal: what is free is written as rates of zero. Throws `ConfigError`. */
export function parseFactor(where: string, factor: unknown): ServiceTerms['factor'] {
  if (parseRate(where, factor, 1) === 0n) throw wrongPrice(where, 'is 0', 'Write rates of zero for what is free.')
  return times(String(factor))
}
