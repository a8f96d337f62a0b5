import { ConfigError } from '../errors/config-error.ts'
import { sha256Hex } from '../util/hash.ts'
import { type BundledProvider, convertModel } from './bundled-prices.ts'
import { indexPrices, type PriceIndex } from './price-index.ts'
import { providerId } from './provider-ids.ts'

/** All prices that come with us. */
export interface BundledPrices {
  /** By the provider, as `providerId` calls it. */
  readonly indexes: ReadonlyMap<string, PriceIndex>
  /** Of the data as it was read. */
  readonly hash: string
}

let loading: Promise<BundledPrices> | undefined

/** Reads the data once in a process, at the first use: nothing of it is loaded with us. */
export function loadBundled(): Promise<BundledPrices> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<BundledPrices> {
  const providers = await readData()
  const indexes = providers.map((provider) => {
    const entries = provider.models.flatMap((model) => convertModel(provider, model) ?? [])
    return [providerId(provider.id), indexPrices(entries)] as const
  })
  return { indexes: new Map(indexes), hash: sha256Hex(JSON.stringify(providers)) }
}

/** Asks for the data as it is; only the program itself may make the package fetch a newer one. */
async function readData(): Promise<readonly BundledProvider[]> {
  const { waitForUpdate } = await import('@pydantic/genai-prices').catch((cause: unknown) => {
    throw new ConfigError(
      'The package @pydantic/genai-prices could not be loaded, so no price is known; nothing was sent. ' +
        'Run `npm install @pydantic/genai-prices`, or bundle it with your program.',
      { cause },
    )
  })
  // After an update that failed, the second answer is the data from before it.
  const data = await waitForUpdate().catch(() => waitForUpdate())
  return (data ?? []) as readonly BundledProvider[]
}
