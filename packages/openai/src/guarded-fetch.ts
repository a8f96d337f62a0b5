import { denialOf, type Exchange, guardFetch } from '@holdfast/http'
import { defaultLedger, HoldfastError, type Ledger } from 'holdfast'
import { endpointFor } from './endpoint-for.ts'
import type { SdkClient } from './sdk-client.ts'

type Fetch = typeof fetch
type Input = Parameters<Fetch>[0]

/** Where a request carries its exchange: the SDK copies it along, and providers that replace the headers leave it. */
export const EXCHANGE: unique symbol = Symbol.for('holdfast.exchange') as never

/** What a request that is paid for looks like on its way to fetch. */
export interface PaidRequest extends RequestInit {
  [EXCHANGE]?: Exchange | undefined
}

/** The fetch that a client was given, by the one that guards it. */
const bases = new WeakMap<Fetch, Fetch>()
const fetches = new WeakMap<object, Fetch>()

/**
 * Whatever fetch a client is given, in its constructor, by a clone, or later, is guarded: the SDK only ever assigns it.
 */
export function defineGuardedFetch(prototype: object): void {
  Object.defineProperty(prototype, 'fetch', {
    configurable: true,
    get(this: SdkClient) {
      return fetches.get(this)
    },
    set(this: SdkClient, given: Fetch) {
      fetches.set(this, guarded(this, bases.get(given) ?? given))
    },
  })
}

export function ledgerOf(client: SdkClient): Ledger {
  return client._options.ledger ?? defaultLedger()
}

/** A proxy, because the SDK looks at properties of a fetch (`fetch.Response`) to know what it can do. */
function guarded(client: SdkClient, base: Fetch): Fetch {
  const proxy: Fetch = new Proxy(base, {
    apply: (_target, _self, [input, init]: [Input, PaidRequest?]) => forward(client, proxy, input, init),
  })
  bases.set(proxy, base)
  return proxy
}

function forward(client: SdkClient, proxy: Fetch, input: Input, init?: PaidRequest): Promise<Response> {
  const base = bases.get(proxy) as Fetch
  const { [EXCHANGE]: exchange, ...plain } = init ?? {}
  if (exchange === undefined) return withoutExchange(client, base, input, init)
  let ending: AbortSignal | undefined
  const send = (signal: AbortSignal, text: string | undefined) => {
    ending = signal
    return base(input, text === undefined ? { ...plain, signal } : { ...plain, signal, body: text })
  }
  return exchange.send(send, plain.signal ?? undefined).catch((error: unknown) => {
    // What stopped its run is no failure of the network, after which the SDK would ask again.
    if (plain.signal?.aborted || !(ending?.aborted || HoldfastError.isInstance(error))) throw error
    return denied(error)
  })
}

function denied(error: unknown): Response {
  return denialOf(error instanceof Error ? error : new Error(String(error)))
}

/** For what is free or unknown, and for requests that somebody put together beside the SDK's own hooks. */
function withoutExchange(
  client: SdkClient,
  base: Fetch,
  input: Input,
  init: RequestInit | undefined,
): Promise<Response> {
  const isRequest = typeof input === 'object' && 'url' in input
  const method = init?.method ?? (isRequest ? input.method : 'GET')
  const { endpoint, provider } = endpointFor(client, method, isRequest ? input.url : String(input))
  // It needs no ledger, not even one that can be made.
  if (endpoint.kind === 'free') return base(input, init)
  let ledger: Ledger
  try {
    ledger = ledgerOf(client)
  } catch (error) {
    return Promise.resolve(denied(error))
  }
  return guardFetch(ledger, { ...client._options, fetch: base, provider })(input, init)
}
