import type { PriceEntry } from './price-entry.ts'
import { ANY } from './provider-ids.ts'

/** The prices of one provider, by every name that they have. */
export type PriceIndex = ReadonlyMap<string, PriceEntry>

/**
 * What vendors put after the name of a model without its price being another's: a date, `-latest`, a three-digit
 * revision, a version of Vertex or Bedrock. Everything else, `-5` and `-mini` and `:free`, makes it another model.
 */
const SUFFIX =
  /(?:[-@](?:20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|latest|0\d{2})|-20\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])|@default)$/
const BEDROCK_VERSION = /-v\d+(?::\d+)?$/

/** Names of models go before other names, and the first of two equal names before the second. */
export function indexPrices(entries: readonly PriceEntry[]): PriceIndex {
  const index = new Map<string, PriceEntry>()
  const named = entries.map((entry) => [entry.model, entry] as const)
  const called = entries.flatMap((entry) => entry.aliases.map((alias) => [alias, entry] as const))
  for (const [name, entry] of [...named, ...called]) {
    const key = name.toLowerCase()
    if (!index.has(key)) index.set(key, entry)
  }
  return index
}

/** By an exact name, or by one that only a date or version follows; a name that merely begins alike is unknown. */
export function findPrice(index: PriceIndex | undefined, provider: string, name: string): PriceEntry | undefined {
  if (index === undefined || name === ANY) return undefined
  const bare = provider === 'aws' ? name.replace(BEDROCK_VERSION, '') : name
  return index.get(name) ?? index.get(bare) ?? index.get(bare.replace(SUFFIX, ''))
}
