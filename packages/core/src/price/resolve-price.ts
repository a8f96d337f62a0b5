import { sha256Hex } from '../util/hash.ts'
import type { ModelPrice } from './model-price.ts'
import { parsePrice } from './parse-price.ts'
import type { PriceBook } from './price-book.ts'
import type { PriceEntry } from './price-entry.ts'
import { findPrice } from './price-index.ts'
import { bandAt } from './price-time.ts'
import { ANY, MAKERS, type ModelName, possibleNames, providerId, servingProvider } from './provider-ids.ts'
import { ResolvedPrice } from './resolved-price.ts'

/** Which model, whose, and when. */
export interface PriceQuery {
  /** As a framework, an SDK or its user calls it; absent: whoever makes a model of this name. */
  readonly provider?: string
  readonly model: string
  /** When the call started, epoch milliseconds. */
  readonly at: number
}

const GIVEN = 'given-'
const GIVEN_VERSION_DIGITS = 16

/**
 * The price of a model: under its exact name, an alias, or one of these followed by a date or version. Undefined for all
 * others, also where a price is known of a model whose name begins alike: that would be a guess.
 */
export function resolvePrice(book: PriceBook, query: PriceQuery): ResolvedPrice | undefined {
  const names = possibleNames(query.provider, query.model, book.layers.renamed)
  for (const table of book.tables) {
    for (const name of names) {
      const entry = findPrice(table.get(name.provider), name.provider, name.model)
      if (entry !== undefined) return priceOf(book, query, entry, name)
    }
    const entry = forAny(table, names)
    if (entry !== undefined) return priceOf(book, query, entry, names[0] ?? { provider: ANY, model: query.model })
  }
  return undefined
}

/** What a table says of all models of a provider, or of a model whoever serves it. */
function forAny(table: PriceBook['tables'][number], names: readonly ModelName[]): PriceEntry | undefined {
  const [first] = names
  if (first === undefined) return undefined
  const ofProvider = table.get(first.provider)?.get(ANY)
  const ofModel = names.map(({ model }) => findPrice(table.get(ANY), ANY, model)).find((entry) => entry !== undefined)
  return ofProvider ?? ofModel ?? table.get(ANY)?.get(ANY)
}

function priceOf(
  book: PriceBook,
  query: PriceQuery,
  entry: PriceEntry,
  name: ModelName,
  assumed = false,
): ResolvedPrice {
  const { renamed, multipliers, serviceTier } = book.layers
  const provider = servingProvider(query.provider, name, renamed)
  const multiplier = multipliers.get(provider)
  return new ResolvedPrice({
    entry,
    provider,
    at: query.at,
    version: book.version,
    assumed,
    ...(multiplier === undefined ? {} : { multiplier }),
    ...(serviceTier === undefined ? {} : { defaultTier: serviceTier }),
  })
}

/** A price that the caller of one call gave for it. Throws `ConfigError` for what is none. */
export function resolveGivenPrice(where: string, price: ModelPrice, query: PriceQuery): ResolvedPrice {
  const provider = providerId(query.provider ?? ANY)
  const entry = parsePrice(where, price, { provider, model: query.model, source: 'given' })
  const hash = sha256Hex(JSON.stringify(price)).slice(0, GIVEN_VERSION_DIGITS)
  return new ResolvedPrice({ entry, provider, at: query.at, version: `${GIVEN}${hash}` })
}

/** Whether a version is that of a price which the caller of one call gave for it: it is not on record. */
export function isGivenVersion(version: string): boolean {
  return version.startsWith(GIVEN)
}

/**
 * For a model whose price nobody knows: that of the dearest text model that its provider sells at that time, marked as
 * assumed; of an unknown provider, the dearest of all known makers of models.
 */
export function assumePrice(book: PriceBook, query: PriceQuery): ResolvedPrice | undefined {
  const names = possibleNames(query.provider, query.model, book.layers.renamed)
  const providers = [...new Set(names.map(({ provider }) => provider))]
  const entry = dearestOf(book, providers, query.at) ?? dearestOf(book, MAKERS, query.at)
  return entry && priceOf(book, query, entry, { provider: entry.provider, model: entry.model }, true)
}

function dearestOf(book: PriceBook, providers: readonly string[], at: number): PriceEntry | undefined {
  const entries = book.tables.flatMap((table) =>
    providers.flatMap((provider) => [...(table.get(provider)?.values() ?? [])]),
  )
  return entries
    .filter((entry) => !entry.deprecated && isText(entry, at))
    .reduce<PriceEntry | undefined>((most, entry) => {
      return most === undefined || isDearer(entry, most, at) ? entry : most
    }, undefined)
}

function isText(entry: PriceEntry, at: number): boolean {
  const { rates } = bandAt(entry, at).steps[0]
  const isMedia = rates.outputAudio !== undefined || rates.outputImage !== undefined || rates.outputVideo !== undefined
  return rates.input !== undefined && rates.output !== undefined && !isMedia
}

function isDearer(entry: PriceEntry, than: PriceEntry, at: number): boolean {
  const [one, other] = [entry, than].map((each) => bandAt(each, at).steps[0].rates)
  const [output, most] = [one?.output ?? 0n, other?.output ?? 0n]
  return output === most ? (one?.input ?? 0n) > (other?.input ?? 0n) : output > most
}
