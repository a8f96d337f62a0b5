import { sha256Hex } from '../util/hash.ts'
import { type BundledPrices, loadBundled } from './load-bundled.ts'
import type { PriceOptions } from './model-price.ts'
import type { PriceIndex } from './price-index.ts'
import { type PriceLayers, readPriceLayers } from './price-layers.ts'

/** All prices that are known, in the order in which they count. */
export interface PriceBook {
  /** Overrides, the file, what is bundled; by provider. */
  readonly tables: readonly ReadonlyMap<string, PriceIndex>[]
  readonly layers: PriceLayers
  /** A hash of all that decides a price. */
  readonly version: string
}

/** Prices of which nothing is loaded yet. */
export interface PriceSource {
  /** The same book each time. */
  load(): Promise<PriceBook>
}

const VERSION_DIGITS = 16

/** Checks the options at once and loads the bundled prices at the first use. `where` begins its errors: `createLedger: prices`. */
export function priceSource(where: string, options: PriceOptions = {}): PriceSource {
  const layers = readPriceLayers(where, options)
  let book: Promise<PriceBook> | undefined
  return {
    load: () => {
      book ??= loadBundled().then(
        (bundled) => bookOf(bundled, layers),
        (error: unknown) => {
          book = undefined
          throw error
        },
      )
      return book
    },
  }
}

function bookOf(bundled: BundledPrices, layers: PriceLayers): PriceBook {
  return {
    tables: [...layers.tables, bundled.indexes],
    layers,
    version: sha256Hex(`${bundled.hash}\n${layers.content}`).slice(0, VERSION_DIGITS),
  }
}
