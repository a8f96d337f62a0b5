import type { LedgerContext } from '../config/ledger-context.ts'
import type { CostBound } from '../price/bound.ts'
import type { ModelPrice } from '../price/model-price.ts'
import type { PriceBook } from '../price/price-book.ts'
import { assumePrice, type PriceQuery, resolveGivenPrice, resolvePrice } from '../price/resolve-price.ts'
import type { ResolvedPrice } from '../price/resolved-price.ts'
import type { HoldTerms } from '../store/limit-records.ts'
import type { Usd } from '../usd.ts'
import { type Demand, outputOf } from './demand.ts'

/** A call may have to wait before it is sent, and its price be another one by then. */
const STARTS_WITHIN_MS = 600_000

export interface QuoteOptions {
  /** What the caller says that it costs. */
  readonly price?: ModelPrice | undefined
  /** As it is, in the place of a price. */
  readonly amount?: Usd | undefined
  /** It may spend what is kept back for the end. */
  readonly final: boolean
}

type Bound = Omit<CostBound, 'inputNano'> & { readonly inputNano: number }

const UNPRICED: Bound = Object.freeze({ inputNano: 0, outputRate: 0, unbounded: [] })

/** What a request may cost at most, by the price of the time at which it was asked. */
export class Quote {
  readonly demand: Demand
  /** Undefined: nobody knows it, or an amount stands in its place. */
  readonly price: ResolvedPrice | undefined
  readonly unboundedBy: readonly string[]
  /** What is put aside beyond what can be bounded. */
  readonly allowance: number
  readonly #context: LedgerContext
  readonly #final: boolean
  readonly #at: number
  readonly #amount: Usd | undefined
  /** Null: the caller's price holds, whoever answers. */
  readonly #book: PriceBook | null
  #last: { readonly inputTokens: number; readonly bound: Bound } | undefined

  constructor(facts: {
    context: LedgerContext
    demand: Demand
    final: boolean
    at: number
    price: ResolvedPrice | undefined
    book: PriceBook | null
    amount?: Usd | undefined
  }) {
    const { context, demand, price } = facts
    this.#context = context
    this.#final = facts.final
    this.#at = facts.at
    this.#book = facts.book
    this.#amount = facts.amount
    this.demand = demand
    this.price = price
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
    if (this.#amount !== undefined) return 'known'
    if (this.price === undefined) return 'allowed'
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
      bounded: unboundedBy.length === 0 && (price !== undefined ? !price.assumed : this.#amount !== undefined),
      priceVersion: price?.version ?? null,
      final: this.#final,
    }
  }

  #atMost(inputTokens: number): Bound {
    if (this.#amount !== undefined) return { ...UNPRICED, inputNano: this.#amount }
    if (this.price === undefined) return UNPRICED
    if (this.#last?.inputTokens === inputTokens) return this.#last.bound
    const bound = this.price.atMost({ ...this.demand.bound, inputTokens, until: this.#at + STARTS_WITHIN_MS })
    this.#last = { inputTokens, bound }
    return bound
  }

  /** What has no bound breaks limits of tokens too, so that it says more than what has no price. */
  #refuseFor(): HoldTerms['refuseFor'] {
    const { unboundedCalls, unknownPrice } = this.#context
    if (this.unboundedBy.length > 0 && unboundedCalls === 'refuse') return 'unbounded'
    const isPriced = this.price !== undefined || this.#amount !== undefined
    return isPriced || unknownPrice !== 'refuse' ? null : 'unpriced'
  }
}

/** Finds the price of what a request may use. Throws `ConfigError` for a price of the caller's that is none. */
export async function quoteFor(context: LedgerContext, demand: Demand, options: QuoteOptions): Promise<Quote> {
  const at = context.clock.now()
  const query = queryOf(demand, at)
  const facts = { context, demand, final: options.final, at }
  const { amount } = options
  if (amount !== undefined) return new Quote({ ...facts, price: undefined, book: null, amount })
  if (options.price !== undefined) {
    return new Quote({ ...facts, price: resolveGivenPrice('price', options.price, query), book: null })
  }
  const book = await context.prices.load()
  const known = resolvePrice(book, query)
  const price = known ?? (context.unknownPrice === 'assume' ? assumePrice(book, query) : undefined)
  return new Quote({ ...facts, price, book })
}

function queryOf({ provider, model }: Demand, at: number): PriceQuery {
  return provider === undefined ? { model, at } : { provider, model, at }
}
