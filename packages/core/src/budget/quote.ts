import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { CostBound } from '../price/bound.ts'
import type { ModelPrice } from '../price/model-price.ts'
import type { PriceBook } from '../price/price-book.ts'
import { assumePrice, type PriceQuery, resolveGivenPrice, resolvePrice } from '../price/resolve-price.ts'
import { holdOf, type ResolvedPrice } from '../price/resolved-price.ts'
import type { HoldTerms } from '../store/limit-records.ts'
import { INPUT_UNITS, OUTPUT_UNITS } from '../usage/token-usage.ts'
import { type Usd, usdFromNano } from '../usd.ts'
import { type Demand, outputOf } from './demand.ts'

/** A call may have to wait before it is sent, and its price be another one by then. */
const STARTS_WITHIN_MS = 600_000

export interface QuoteOptions {
  /** What the caller says that it costs. */
  readonly price?: ModelPrice | undefined
  /** What is put aside, as it is; a price only says what it comes to. */
  readonly amount?: Usd | undefined
  /** It may spend what is kept back for the end. */
  readonly final: boolean
}

type Bound = Omit<CostBound, 'inputNano'> & { readonly inputNano: number }

/** What the models cost that may answer. */
interface CallPrices {
  /** The dearer first. */
  readonly known: readonly ResolvedPrice[]
  /** Nobody knows what the model costs that the request names. */
  readonly isUnsure: boolean
}

const UNPRICED: Bound = Object.freeze({ inputNano: 0, outputRate: 0, unbounded: [] })

/** What a request may cost at most, by the price of the time at which it was asked. */
export class Quote {
  readonly demand: Demand
  /** Undefined: nobody knows it. Of two models that may answer, the dearer. */
  readonly price: ResolvedPrice | undefined
  /** What its caller wants to be put aside, whatever the price says. */
  readonly amount: Usd | undefined
  readonly unboundedBy: readonly string[]
  /** What is put aside beyond what can be bounded. */
  readonly allowance: number
  readonly #context: LedgerContext
  readonly #final: boolean
  readonly #at: number
  /** Null: the caller's price holds, whoever answers. */
  readonly #book: PriceBook | null
  readonly #prices: CallPrices
  #last: { readonly inputTokens: number; readonly bound: Bound } | undefined

  constructor(facts: {
    context: LedgerContext
    demand: Demand
    final: boolean
    at: number
    prices: CallPrices
    book: PriceBook | null
    amount?: Usd | undefined
  }) {
    const { context, demand, prices } = facts
    const [price] = prices.known
    this.#context = context
    this.#final = facts.final
    this.#at = facts.at
    this.#book = facts.book
    this.amount = facts.amount
    this.demand = withoutUnpricedOutput(demand, price)
    this.price = price
    this.#prices = prices
    const { unbounded } = this.#atMost(demand.inputTokens)
    this.unboundedBy = [...demand.unboundedBy, ...unbounded]
    const { unboundedCalls } = context
    this.allowance = this.unboundedBy.length === 0 || unboundedCalls === 'refuse' ? 0 : unboundedCalls.allowance
  }

  /** All of the output that the caller wants. */
  whole(inputTokens: number = this.demand.inputTokens): HoldTerms {
    const { most } = outputOf(this.demand)
    return this.#terms(inputTokens, { least: most, most })
  }

  /** As much of it as there is room for. */
  lowered(inputTokens: number): HoldTerms {
    return this.#terms(inputTokens, outputOf(this.demand))
  }

  /** The least that it could come to, however its input is counted. */
  smallest(): HoldTerms {
    const { least } = outputOf(this.demand)
    return this.#terms(this.demand.leastInputTokens, { least, most: least })
  }

  /** What is done about a price that nobody knows. */
  get pricing(): 'known' | 'assumed' | 'allowed' {
    if (this.amount !== undefined) return 'known'
    if (this.price === undefined || this.#prices.isUnsure) return 'allowed'
    return this.price.assumed ? 'assumed' : 'known'
  }

  /** The price of whoever answered; where nobody knows it, that of the model that was asked. */
  priceOf(model: string | undefined): ResolvedPrice | undefined {
    if (model === undefined || this.#book === null) return this.price
    return resolvePrice(this.#book, { ...queryOf(this.demand, this.#at), model }) ?? this.price
  }

  #terms(inputTokens: number, output: HoldTerms['output']): HoldTerms {
    const { price, unboundedBy, allowance } = this
    const { inputNano, outputRate } = this.#atMost(inputTokens)
    return {
      inputNano: inputNano + allowance,
      inputTokens,
      outputRate,
      output,
      refuseFor: this.#refuseFor(),
      bounded: unboundedBy.length === 0 && this.pricing === 'known',
      // An amount was not reckoned by any.
      priceVersion: this.amount === undefined ? (price?.version ?? null) : null,
      final: this.#final,
    }
  }

  #atMost(inputTokens: number): Bound {
    if (this.amount !== undefined) return { ...UNPRICED, inputNano: this.amount }
    if (this.#last?.inputTokens === inputTokens) return this.#last.bound
    const call = { ...this.demand.bound, inputTokens, until: this.#at + STARTS_WITHIN_MS }
    const bound = this.#prices.known.map((price): Bound => price.atMost(call)).reduce(dearest, UNPRICED)
    this.#last = { inputTokens, bound }
    return bound
  }

  /** What has no bound breaks limits of tokens too, so that it says more than what has no price. */
  #refuseFor(): HoldTerms['refuseFor'] {
    const { unboundedCalls, unknownPrice } = this.#context
    if (this.unboundedBy.length > 0 && unboundedCalls === 'refuse') return 'unbounded'
    return this.pricing !== 'allowed' || unknownPrice !== 'refuse' ? null : 'unpriced'
  }
}

/** Finds the price of what a request may use. Throws `ConfigError` for a price of the caller's that is none. */
export async function quoteFor(context: LedgerContext, demand: Demand, options: QuoteOptions): Promise<Quote> {
  const at = context.clock.now()
  const query = queryOf(demand, at)
  const facts = { context, demand, final: options.final, at, amount: options.amount }
  if (options.price !== undefined) {
    const known = [resolveGivenPrice('price', options.price, query)]
    return countable(new Quote({ ...facts, prices: { known, isUnsure: false }, book: null }))
  }
  const book = await context.prices.load()
  return countable(new Quote({ ...facts, prices: pricesOf(context, book, demand, at), book }))
}

/** What was put aside for a call before, of which only the amount is on record. */
export interface HeldBefore {
  readonly amount: Usd
  /** When its price held, epoch milliseconds. */
  readonly at: number
  /** By a price that its caller gave: nobody knows it any more. */
  readonly isGiven: boolean
}

/** Finds the price of a call that was made before, perhaps by another process. */
export async function quoteForHeld(
  context: LedgerContext,
  demand: Demand,
  { amount, at, isGiven }: HeldBefore,
): Promise<Quote> {
  const facts = { context, demand, final: false, at, amount }
  if (isGiven) return new Quote({ ...facts, prices: { known: [], isUnsure: true }, book: null })
  const book = await context.prices.load()
  return new Quote({ ...facts, prices: pricesOf(context, book, demand, at), book })
}

/** No sum of holds could be told from another one with more than can be counted in it. */
function countable(quote: Quote): Quote {
  const { inputNano, outputRate, output } = quote.whole()
  const most = Number.MAX_SAFE_INTEGER
  // What is as much stands for all that is more.
  const isInRange = inputNano < most && (outputRate < most || output.most === 0)
  const sum = isInRange ? holdOf({ inputNano: usdFromNano(inputNano), outputRate }, output.most) : undefined
  if (sum !== undefined && sum <= most) return quote
  throw new ConfigError(
    `A call of ${quote.demand.model} could cost more than $9,007,199, which is more than can be counted. Nothing was sent. Correct its price, or what it is said to need.`,
  )
}

/** Of a request that names another model than its caller, both: nobody knows which of them its sender goes by. */
function pricesOf({ unknownPrice }: LedgerContext, book: PriceBook, demand: Demand, at: number): CallPrices {
  const query = queryOf(demand, at)
  const { label } = demand
  const asked = resolvePrice(book, query) ?? (unknownPrice === 'assume' ? assumePrice(book, query) : undefined)
  const named = label === undefined ? undefined : resolvePrice(book, { ...query, model: label })
  const known = [asked, named].filter((price) => price !== undefined)
  const cost = (price: ResolvedPrice) =>
    holdOf(price.atMost({ ...demand.bound, inputTokens: demand.inputTokens }), outputOf(demand).most)
  return { known: known.toSorted((one, other) => Number(cost(other) - cost(one))), isUnsure: asked === undefined }
}

function dearest(one: Bound, other: Bound): Bound {
  return {
    inputNano: Math.max(one.inputNano, other.inputNano),
    outputRate: Math.max(one.outputRate, other.outputRate),
    unbounded: [...new Set([...one.unbounded, ...other.unbounded])],
  }
}

/** What is priced by its input alone, such as an embedding, has no output to put aside, unless its caller says so. */
function withoutUnpricedOutput(demand: Demand, price: ResolvedPrice | undefined): Demand {
  if (!demand.isByHand || demand.outputCap !== undefined || price === undefined) return demand
  const hasOutput = price.hasRateOf(OUTPUT_UNITS) || !price.hasRateOf(INPUT_UNITS)
  return hasOutput ? demand : { ...demand, outputCap: 0 }
}

function queryOf({ provider, model }: Demand, at: number): PriceQuery {
  return provider === undefined ? { model, at } : { provider, model, at }
}
