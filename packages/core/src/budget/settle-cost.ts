import type { Granted, HoldCost, HoldTerms } from '../store/limit-records.ts'
import { inputTokensOf, outputTokensOf, type TokenUsage } from '../usage/token-usage.ts'
import type { UsageReading } from '../usage/usage-reading.ts'
import { type Decimal, decimalText, parseDecimal, scaledUp } from '../usd/decimal.ts'
import { USD_PLACES, type Usd } from '../usd.ts'
import type { Quote } from './quote.ts'
import { nanoOf } from './reserve-hold.ts'

/** What was put aside for a call. */
export interface HoldOfCall {
  readonly quote: Quote
  readonly terms: HoldTerms
  readonly granted: Granted
}

/** What a call that was answered comes to, and by what. */
export interface Spending {
  readonly cost: HoldCost
  /** What was counted; null: nobody said. */
  readonly usage: TokenUsage | null
}

/**
 * What a call that was answered comes to. What its provider did not say counts as much as it can have been: all of the
 * input, and as many tokens of output as the answer has bytes. Never nothing.
 *
 * `seenTokens`: those at most in the answer; undefined where nobody can tell.
 */
export function spendingOf(
  held: HoldOfCall,
  reading: UsageReading | undefined,
  seenTokens: number | undefined,
): Spending {
  if (reading === undefined) return { cost: boundCost(held, seenTokens), usage: null }
  const isWhole = reading.complete || hasBothSides(held, reading.usage)
  const usage = isWhole ? reading.usage : filled(held, reading.usage, seenTokens)
  const all = [{ ...reading, usage }, ...reading.others]
  const tokens = all.reduce((sum, one) => sum + inputTokensOf(one.usage) + outputTokensOf(one.usage), 0)
  const { isPartial, ...money } = moneyOf(held.quote, all)
  return { cost: { kind: 'spent', ...money, tokens, estimated: !isWhole || isPartial }, usage: reading.usage }
}

/** Nobody said what was used: the bound of what went in, and what came out as far as it was seen. */
function boundCost({ quote, terms, granted }: HoldOfCall, seenTokens: number | undefined): HoldCost {
  const output = outputSeen({ quote, terms, granted }, seenTokens)
  return {
    kind: 'spent',
    nano: nanoOf(terms, output),
    tokens: terms.inputTokens + output,
    exactUsd: null,
    priceVersion: quote.price?.version ?? null,
    estimated: true,
  }
}

/** Thinking is not seen. A cap that was sent bounds what came. */
function outputSeen({ quote, granted }: HoldOfCall, seenTokens: number | undefined): number {
  const most = granted.outputTokens
  if (seenTokens === undefined || most === 0) return most
  const { isReasoning, outputCap } = quote.demand
  const isBounded = granted.limited || outputCap !== undefined
  if (isReasoning) return isBounded ? most : Math.max(most, seenTokens)
  return isBounded ? Math.min(most, seenTokens) : seenTokens
}

/** A call that may have no output, such as one for embeddings, has told everything with its input. */
function hasBothSides({ granted }: HoldOfCall, usage: TokenUsage): boolean {
  return inputTokensOf(usage) > 0 && (outputTokensOf(usage) > 0 || granted.outputTokens === 0)
}

function filled(held: HoldOfCall, usage: TokenUsage, seenTokens: number | undefined): TokenUsage {
  return {
    ...usage,
    ...(inputTokensOf(usage) === 0 ? { input: held.terms.inputTokens } : {}),
    ...(outputTokensOf(usage) === 0 ? { output: outputSeen(held, seenTokens) } : {}),
  }
}

interface Money {
  readonly nano: number
  readonly exactUsd: string | null
  readonly priceVersion: string | null
  /** Something was used that has no price. */
  readonly isPartial: boolean
}

/** By the model and the tier that answered; models that took part are paid at prices of their own. */
function moneyOf(quote: Quote, readings: readonly UsageReading[]): Money {
  const bills = readings.map((reading) => billOf(quote, reading))
  const known = bills.filter((bill) => bill !== undefined)
  const total = known.reduce((sum, { exact }) => plus(sum, exact), ZERO)
  const reported = readings.reduce((most, { reported: one = 0 }) => Math.max(most, one), 0)
  const nano = Number(scaledUp(total, USD_PLACES))
  const isPartial = known.length > 0 && (known.length < bills.length || known.some((bill) => bill.isPartial))
  const priceVersion = known[0]?.version ?? null
  // What the provider says that it charges may be more than its list says, and never counts for less.
  if (reported > nano) return { nano: reported, exactUsd: usdText(reported as Usd), priceVersion, isPartial: false }
  const isExact = known.length > 0 && !isPartial && known.every((bill) => bill.isExact)
  return { nano, exactUsd: isExact ? decimalText(total.digits, total.places) : null, priceVersion, isPartial }
}

interface Bill {
  readonly exact: Decimal
  readonly version: string
  readonly isExact: boolean
  readonly isPartial: boolean
}

function billOf(quote: Quote, { model, usage, serviceTier, region }: UsageReading): Bill | undefined {
  const price = quote.priceOf(model)
  const tier = serviceTier ?? quote.demand.bound.serviceTier
  const served = { ...(tier === undefined ? {} : { serviceTier: tier }), ...(region === undefined ? {} : { region }) }
  const cost = price?.cost(usage, served)
  if (price === undefined || cost === undefined) return undefined
  return {
    exact: parseDecimal(cost.exact) ?? ZERO,
    version: price.version,
    isExact: !price.assumed && cost.assumed.length === 0,
    isPartial: cost.unpriced.length > 0,
  }
}

const ZERO: Decimal = Object.freeze({ digits: 0n, places: 0 })

function plus(one: Decimal, other: Decimal): Decimal {
  const places = Math.max(one.places, other.places)
  return { digits: scaledUp(one, places) + scaledUp(other, places), places }
}

function usdText(amount: Usd): string {
  return decimalText(BigInt(amount), USD_PLACES)
}
