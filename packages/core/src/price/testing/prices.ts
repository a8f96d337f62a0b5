import type { TokenUsage } from '../../usage/token-usage.ts'
import type { ModelPrice, PriceOptions } from '../model-price.ts'
import { type PriceBook, priceSource } from '../price-book.ts'
import type { PriceEntry } from '../price-entry.ts'
import { resolveGivenPrice, resolvePrice } from '../resolve-price.ts'
import type { ResolvedPrice } from '../resolved-price.ts'

/** A Saturday in November 2026, at noon UTC. */
export const NOON: number = Date.UTC(2026, 10, 21, 12)

/** The bundled prices, and what somebody says about them. */
export function bookWith(options: PriceOptions = {}): Promise<PriceBook> {
  return priceSource('createLedger: prices', options).load()
}

/** The price of a model that must have one. */
export function priceFor(
  book: PriceBook,
  provider: string | undefined,
  model: string,
  at: number = NOON,
): ResolvedPrice {
  const price = resolvePrice(book, { ...(provider === undefined ? {} : { provider }), model, at })
  if (price === undefined) throw new Error(`${provider}: ${model} has no price`)
  return price
}

/** A price that is written out. */
export function given(price: ModelPrice, model = 'm', at: number = NOON): ResolvedPrice {
  return resolveGivenPrice('run.call: price', price, { provider: 'test', model, at })
}

/** What a usage costs, in dollars. */
export function dollars(price: ResolvedPrice, usage: TokenUsage, serviceTier?: string): string | undefined {
  return price.cost(usage, serviceTier === undefined ? {} : { serviceTier })?.exact
}

/** Each entry of the bundled table once. */
export function allEntries(book: PriceBook): PriceEntry[] {
  const bundled = book.tables.at(-1) ?? new Map()
  return [...bundled.values()].flatMap((index) => [...new Set<PriceEntry>(index.values())])
}
