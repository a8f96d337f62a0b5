import { inputTokensOf, type TokenUsage, USAGE_UNITS, type UsageUnit } from '../usage/token-usage.ts'
import { ceilDivide, decimalText, powerOfTen } from '../usd/decimal.ts'
import { type Usd, usdFromNano } from '../usd.ts'
import { effectiveRate, stepFor, type Terms } from './effective-rates.ts'
import type { PriceEntry } from './price-entry.ts'
import { AMOUNT_PLACES, MILLION_PLACES } from './rates.ts'

/** What one call cost. */
export interface Cost {
  /** Rounded up to a nano-dollar, once. */
  readonly nano: Usd
  /** The same, unrounded: dollars as a decimal text. */
  readonly exact: string
  /** Their exact amounts add up to `exact`. */
  readonly parts: readonly CostPart[]
  /** Units that the price does not have: charged at a stand-in, the dearest that could be meant. */
  readonly assumed: readonly UsageUnit[]
  /** Units that cost something that nobody knows: they are not in `nano`. */
  readonly unpriced: readonly UsageUnit[]
}

/** One line of a bill. */
export interface CostPart {
  readonly unit: UsageUnit
  readonly quantity: number
  /** Dollars for a million of the unit. */
  readonly perMillion: string
  /** Dollars. */
  readonly exact: string
}

interface Line {
  readonly unit: UsageUnit
  readonly quantity: number
  readonly rate: bigint | undefined
  readonly assumed: boolean
}

/** Undefined where nothing of the usage has a price: what was not counted has not cost nothing. */
export function costOf(entry: PriceEntry, usage: TokenUsage, terms: Terms): Cost | undefined {
  const step = stepFor(terms.band, inputTokensOf(usage))
  const lines = USAGE_UNITS.flatMap((unit): Line[] => {
    const quantity = quantityOf(entry, usage, unit)
    if (quantity === undefined) return []
    const rate = effectiveRate(step, unit, terms)
    return [{ unit, quantity, rate: rate?.nano, assumed: rate?.assumed ?? false }]
  })
  const isPriced = lines.some(({ unit, rate }) => rate !== undefined && usage[unit] !== undefined)
  return isPriced || isFeeAlone(lines, effectiveRate(step, 'input', terms)) ? billOf(lines) : undefined
}

/** That there was a request is never told; where a price is for that, and for no tokens, it is a price all the same. */
function isFeeAlone(lines: readonly Line[], ofTokens: unknown): boolean {
  return ofTokens === undefined && lines.some(({ unit, rate = 0n }) => unit === 'requests' && rate > 0n)
}

function billOf(lines: readonly Line[]): Cost {
  const parts = lines.flatMap(({ unit, quantity, rate }) => {
    if (rate === undefined) return []
    return [{ unit, quantity, rate, amount: BigInt(quantity) * rate }]
  })
  const total = parts.reduce((sum, { amount }) => sum + amount, 0n)
  const used = lines.filter(({ quantity }) => quantity > 0)
  return {
    nano: roundedUp(total),
    exact: decimalText(total, AMOUNT_PLACES),
    parts: parts.map(({ unit, quantity, rate, amount }) => ({
      unit,
      quantity,
      perMillion: decimalText(rate, AMOUNT_PLACES - MILLION_PLACES),
      exact: decimalText(amount, AMOUNT_PLACES),
    })),
    assumed: used.filter(({ assumed }) => assumed).map(({ unit }) => unit),
    unpriced: used.filter(({ unit, rate }) => rate === undefined && unit !== 'requests').map(({ unit }) => unit),
  }
}

/** Every call is a request; most of them cost nothing by that alone. */
function quantityOf(entry: PriceEntry, usage: TokenUsage, unit: UsageUnit): number | undefined {
  if (unit === 'requests') return usage.requests ?? 1
  const quantity = usage[unit]
  if (unit !== 'audioSeconds' || !quantity) return quantity
  return Math.max(quantity, entry.leastAudioSeconds ?? 0)
}

/** An amount of 10^-15 dollars as nano-dollars; what could not even be counted is the most that can. */
export function roundedUp(amount: bigint): Usd {
  const nano = ceilDivide(amount, powerOfTen(MILLION_PLACES))
  return usdFromNano(nano > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : nano)
}
