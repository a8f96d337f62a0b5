import { readFileSync } from 'node:fs'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import type { PriceOptions } from './model-price.ts'
import { parsePrice } from './parse-price.ts'
import { shown, wrongPrice } from './parse-rates.ts'
import { parseFactor } from './parse-tiers.ts'
import type { Factor, PriceEntry, PriceSourceName } from './price-entry.ts'
import { indexPrices, type PriceIndex } from './price-index.ts'
import { ANY, providerId } from './provider-ids.ts'

const KNOWN: readonly (keyof PriceOptions)[] = ['overrides', 'file', 'providers', 'multipliers', 'serviceTier']

/** What somebody said about prices, read and checked. */
export interface PriceLayers {
  /** Overrides, then the file; by provider, or `*`. */
  readonly tables: readonly ReadonlyMap<string, PriceIndex>[]
  readonly renamed: ReadonlyMap<string, string>
  readonly multipliers: ReadonlyMap<string, Factor>
  readonly serviceTier: string | undefined
  /** Everything of it that decides a price, as a text. */
  readonly content: string
}

/** Reads the options, and the file that they name, at once: a wrong price must not come to light in the middle of a run. Throws `ConfigError`. */
export function readPriceLayers(where: string, options: PriceOptions): PriceLayers {
  if (typeof options !== 'object' || options === null)
    throw wrongPrice(where, `is ${shown(options)}`, "Write { overrides: { … } } or { file: './prices.json' }.")
  checkOptionNames(where, options, KNOWN)
  const { overrides, file, providers, multipliers, serviceTier } = options
  if (serviceTier !== undefined && (typeof serviceTier !== 'string' || serviceTier === ''))
    throw wrongPrice(`${where}.serviceTier`, `is ${shown(serviceTier)}`, "Write 'standard' or 'priority', for example.")
  const written = file === undefined ? undefined : readPriceFile(where, file)
  return {
    tables: [
      parseTable(`${where}.overrides`, overrides ?? {}, 'override'),
      parseTable(`The price file ${file}:`, written ?? {}, 'file'),
    ],
    renamed: new Map(
      entriesOf(`${where}.providers`, providers).map(([name, id]) => [name.toLowerCase(), nameOf(where, id)]),
    ),
    multipliers: new Map(
      entriesOf(`${where}.multipliers`, multipliers).map(([name, factor]) => {
        return [providerId(name), parseFactor(`${where}.multipliers.${name}`, factor)]
      }),
    ),
    serviceTier,
    content: JSON.stringify([overrides, written, providers, multipliers, serviceTier]),
  }
}

function readPriceFile(where: string, file: unknown): unknown {
  if (typeof file !== 'string' || file === '')
    throw wrongPrice(`${where}.file`, `is ${shown(file)}`, "Write a path, such as './prices.json'.")
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown
  } catch (cause) {
    throw new ConfigError(
      `The price file ${file} could not be read as JSON. Nothing was started, because calls would be priced wrongly. ` +
        'Correct it, or leave the file out.',
      { cause },
    )
  }
}

function parseTable(where: string, table: unknown, source: PriceSourceName): ReadonlyMap<string, PriceIndex> {
  const byProvider = new Map<string, PriceEntry[]>()
  for (const [name, models] of entriesOf(where, table)) {
    const provider = name === ANY ? ANY : providerId(name)
    const entries = entriesOf(`${where}.${name}`, models).map(([model, price]) =>
      parsePrice(`${where}.${name}.${model}`, price, { provider, model, source }),
    )
    byProvider.set(provider, [...(byProvider.get(provider) ?? []), ...entries])
  }
  return new Map([...byProvider].map(([provider, entries]) => [provider, indexPrices(entries)]))
}

function entriesOf(where: string, table: unknown): readonly [string, unknown][] {
  if (table === undefined) return []
  if (typeof table !== 'object' || table === null || Array.isArray(table))
    throw wrongPrice(
      where,
      `is ${shown(table)}`,
      "Write { openai: { 'gpt-5': { input: 1.25, output: 10 } } }, for example.",
    )
  return Object.entries(table)
}

function nameOf(where: string, id: unknown): string {
  if (typeof id !== 'string' || id === '')
    throw wrongPrice(`${where}.providers`, `has ${shown(id)} for a provider`, "Write { 'our-gateway': 'openai' }.")
  return providerId(id)
}
