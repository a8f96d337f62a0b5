import { HoldfastError, type Ledger } from 'holdfast'
import type { MeteredEndpoint, UnpricedEndpoint } from './endpoint/endpoint.ts'
import { endpointOf } from './endpoint/endpoint-of.ts'
import { denialOf } from './exchange/denial.ts'
import type { Exchange, GuardOptions } from './exchange/exchange.ts'
import { isInsideExchange } from './exchange/inside-exchange.ts'
import { openExchange } from './exchange/open-exchange.ts'
import { passRequest, type UnpaidRequest } from './pass-request.ts'
import { readAddress, readRequest, readSignal } from './request/read-request.ts'
import { withText } from './request/with-text.ts'

/** What `guardFetch` is told beside its ledger. */
export interface GuardFetchOptions extends GuardOptions {
  /** Sends what may be sent. @default the global fetch */
  readonly fetch?: typeof fetch | undefined
  /** Whose API it is, where the host does not say so: 'openai', 'anthropic', … */
  readonly provider?: string | undefined
}

type FetchArguments = Parameters<typeof fetch>

/**
 * A fetch whose model requests are paid for before they are sent, recorded, and served again when a run is resumed, in the
 * run that the caller is in. For any SDK that takes a fetch; everything that costs nothing goes through untouched.
 *
 * What is refused is answered with status 402 and `x-should-retry: false`, so that no SDK asks again, and not a byte of it
 * is sent; `deniedBy(response)` answers what refused it. Once an answer has begun, its body fails with what stopped it.
 * @example
 * const client = new OpenAI({ fetch: guardFetch(ledger) })
 */
export function guardFetch(ledger: Ledger, options: GuardFetchOptions = {}): typeof fetch {
  const guard = { ledger, options }
  return new Proxy(options.fetch ?? globalThis.fetch, {
    apply: (base, self: unknown, args: FetchArguments) => {
      const send: typeof fetch = (...sent: FetchArguments) => Reflect.apply(base, self, sent)
      return isInsideExchange() ? send(...args) : guarded(guard, send, args)
    },
  })
}

interface Guard {
  readonly ledger: Ledger
  readonly options: GuardFetchOptions
}

function guarded({ ledger, options }: Guard, send: typeof fetch, args: FetchArguments): Promise<Response> {
  const address = readAddress(...args)
  const endpoint = endpointOf({ ...address, provider: options.provider })
  if (endpoint.kind === 'free') return send(...args)
  if (endpoint.kind === 'metered' || endpoint.kind === 'unpriced')
    return exchanged({ ledger, options }, endpoint, send, args)
  return passed({ ledger, endpoint, ...address, signal: readSignal(...args) }, () => send(...args))
}

/** What is thrown before anything is sent is a refusal. */
async function passed(request: UnpaidRequest, send: () => Promise<Response>): Promise<Response> {
  let isSent = false
  try {
    return await passRequest(request, () => {
      isSent = true
      return send()
    })
  } catch (error) {
    if (isSent) throw error
    return denied(error, request.signal)
  }
}

async function exchanged(
  { ledger, options }: Guard,
  endpoint: MeteredEndpoint | UnpricedEndpoint,
  send: typeof fetch,
  args: FetchArguments,
): Promise<Response> {
  const { url, body, text, headers, signal } = await readRequest(...args)
  signal?.throwIfAborted()
  let exchange: Exchange
  try {
    exchange = await openExchange({ ledger, options, endpoint, url, body, text, headers, signal })
  } catch (error) {
    return denied(error, signal)
  }
  const own = exchange.text
  let ending: AbortSignal | undefined
  const sent = exchange.send((ends, other) => {
    ending = ends
    return send(...sentArguments(args, other ?? own, ends))
  }, signal)
  return sent.catch((error: unknown) => {
    // What stopped its run is no failure of the network, after which an SDK would ask again.
    if (ending?.aborted || HoldfastError.isInstance(error)) return denied(error, signal)
    throw error
  })
}

/** What fetch was called with, and another text where there is one; the request ends with the signal. */
function sentArguments([input, init]: FetchArguments, text: string | undefined, signal: AbortSignal): FetchArguments {
  const args = text === undefined ? ([input, init] as const) : withText(input, init, text)
  return [args[0], { ...args[1], signal }]
}

/** Whoever aborted the request is told so; everything else is a refusal. */
function denied(error: unknown, signal: AbortSignal | undefined): Response {
  signal?.throwIfAborted()
  return denialOf(error instanceof Error ? error : new Error(String(error)))
}
