import { type Codecs, codecList } from '../../codec/codec.ts'
import type { Store, StoreSource } from '../store.ts'
import { SealedStore } from './sealed-store.ts'

/** The store with its bodies sealed by the first codec, and opened by whichever sealed them. */
export function sealStore(store: Store, codecs: Codecs): Store {
  return new SealedStore(store, codecList('codec', codecs))
}

/** The same for a store that is not open yet; without codecs it is what it was. Throws `ConfigError` for what is no codec. */
export function sealSource(source: StoreSource, codecs: Codecs | undefined): StoreSource {
  if (codecs === undefined) return source
  const list = codecList('createLedger', codecs)
  return {
    kind: source.kind,
    location: source.location,
    open: (settings) => new SealedStore(source.open(settings), list),
  }
}
