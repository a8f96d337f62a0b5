import { TOKEN_UNITS } from '../price/rates.ts'
import { type Granted, type HoldCost, type HoldTerms, MOST_OF_A_HOLD } from '../store/limit-records.ts'
import { INPUT_UNITS, inputTokensOf, OUTPUT_UNITS, outputTokensOf, type TokenUsage } from '../usage/token-usage.ts'
import type { UsageReading } from '../usage/usage-reading.ts'
import { type Decimal, decimalText, parseDecimal, scaledUp } from '../usd/decimal.ts'
import { USD_PLACES, type Usd } from '../usd.ts'
import type { Quote } from './quote.ts'
import { isTold } from './read-spent.ts'
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
 * input, and as many tokens of output as the answer has bytes. Never nothing, unless that is its price: what was told in
 * units that the price does not have counts as what was not told.
 *
 * `seenTokens`: those at most in the answer; undefined where nobody can tell.
 */
export function spendingOf(
  held: HoldOfCall,
  reading: UsageReading | undefined,
  seenTokens: number | undefined,
): Spending {
  if (reading === undefined) return { cost: boundCost(held, seenTokens), usage: null }
  const isWhole = saysEnough(held, reading) || hasAllSides(held, reading.usage)
  const usage = isWhole ? reading.usage : filled(held, reading.usage, seenTokens)
  const all = [{ ...reading, usage }, ...reading.others]
  const tokens = all.reduce((sum, one) => sum + inputTokensOf(one.usage) + outputTokensOf(one.usage), 0)
  const own = ownBill(held, { ...reading, usage }, isWhole, seenTokens)
  const bills = [own, ...reading.others.map((one) => billOf(held.quote, one))]
  const { isPartial, ...money } = moneyOf(bills, all)
  const cost = { kind: 'spent', ...money, tokens, estimated: !isWhole || isPartial } as const
  return { cost: atMost(held, cost), usage: reading.usage }
}

/** What a hold can come to. A price beyond all sense may make more of it. */
function atMost({ granted }: HoldOfCall, cost: Extract<HoldCost, { kind: 'spent' }>): HoldCost {
  const most = mostOf(granted)
  return cost.nano <= most ? cost : { ...cost, nano: most, exactUsd: null, estimated: true }
}

/** The most nano-USD that a hold can come to. */
export function mostOf({ nano }: Granted): number {
  return Math.max(MOST_OF_A_HOLD.nano, nano)
}

/** Nobody said what was used: the bound of what went in, and what came out as far as it was seen. */
function boundCost({ quote, terms, granted }: HoldOfCall, seenTokens: number | undefined): HoldCost {
  const output = outputSeen({ quote, terms, granted }, seenTokens)
  return {
    kind: 'spent',
    nano: nanoOf(terms, output),
    tokens: terms.inputTokens + output,
    exactUsd: null,
    priceVersion: terms.priceVersion,
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

/** What counts no token has not said what a model came to that is priced by them. */
function saysEnough({ quote: { price } }: HoldOfCall, { complete, usage, reported }: UsageReading): boolean {
  if (!complete || reported !== undefined) return complete
  return isTold(usage, TOKEN_UNITS) || price?.hasRateOf(TOKEN_UNITS) !== true
}

/**
 * Whether all that costs anything was told: what is priced by no token, such as a transcription, has told everything
 * without them, and what has no output, such as an embedding, with its input.
 */
function hasAllSides({ quote: { price, amount }, granted }: HoldOfCall, usage: TokenUsage): boolean {
  if (price?.hasRateOf(TOKEN_UNITS) === false) return true
  if (!isTold(usage, INPUT_UNITS)) return false
  // The tokens of an amount are nobody's estimate.
  return amount === undefined ? granted.outputTokens === 0 : price?.hasRateOf(OUTPUT_UNITS) === false
}

/** What was told on both sides and is not complete broke off: it may have come to more output. */
function filled(held: HoldOfCall, usage: TokenUsage, seenTokens: number | undefined): TokenUsage {
  const hasInput = isTold(usage, INPUT_UNITS)
  if (!hasInput && isTold(usage, OUTPUT_UNITS)) return { ...usage, input: held.terms.inputTokens }
  const unseen = Math.max(0, outputSeen(held, seenTokens) - outputTokensOf(usage))
  return {
    ...usage,
    ...(hasInput ? {} : { input: held.terms.inputTokens }),
    output: (usage.output ?? 0) + unseen,
  }
}

interface Money {
  readonly nano: number
  readonly exactUsd: string | null
  readonly priceVersion: string | null
  /** Something was used that has no price. */
  readonly isPartial: boolean
}

/** Models that took part are paid at prices of their own. */
function moneyOf(bills: readonly (Bill | undefined)[], readings: readonly UsageReading[]): Money {
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
  readonly version: string | null
  readonly isExact: boolean
  readonly isPartial: boolean
}

/** The call's own: where what was told cannot be reckoned, all that was put aside for it, as far as it was seen. */
function ownBill(
  held: HoldOfCall,
  reading: UsageReading,
  isWhole: boolean,
  seenTokens: number | undefined,
): Bill | undefined {
  const { price, amount } = held.quote
  const bill = billOf(held.quote, reading)
  // Neither a price nor an amount: the ledger was told to let it go uncounted.
  if (reading.reported !== undefined || (price === undefined && amount === undefined)) return bill
  const isReckoned = bill !== undefined && !(bill.isPartial && bill.exact.digits === 0n)
  // An amount stands for all that was not told.
  if (isReckoned && (isWhole || amount === undefined)) return bill
  const bound = boundBill(held, seenTokens)
  return bill !== undefined && isMore(bill.exact, bound.exact) ? bill : bound
}

function boundBill(held: HoldOfCall, seenTokens: number | undefined): Bill {
  const nano = nanoOf(held.terms, outputSeen(held, seenTokens))
  const exact = { digits: BigInt(nano), places: USD_PLACES }
  return { exact, version: held.terms.priceVersion, isExact: false, isPartial: true }
}

/** By the model and the tier that answered. */
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

function isMore(one: Decimal, other: Decimal): boolean {
  const places = Math.max(one.places, other.places)
  return scaledUp(one, places) > scaledUp(other, places)
}

function usdText(amount: Usd): string {
  return decimalText(BigInt(amount), USD_PLACES)
}
