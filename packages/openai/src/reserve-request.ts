import { type Endpoint, type Exchange, type MeteredEndpoint, openExchange, type UnpricedEndpoint } from '@holdfast/http'
import { endpointFor } from './endpoint-for.ts'
import { EXCHANGE, ledgerOf, type PaidRequest } from './guarded-fetch.ts'
import { requestBody } from './request-body.ts'
import type { RequestPlace, SdkClient, SdkRequestOptions } from './sdk-client.ts'
import { asSdkError } from './sdk-error.ts'

/** What was put aside for each attempt whose end we hear of; undefined before that. */
const attempts = new WeakMap<SdkRequestOptions, Exchange | undefined>()

/** For requests of whose end nobody tells us: what was put aside for one that is lost is not kept for ever. */
const lost = new FinalizationRegistry<Exchange>((exchange) => exchange.release())

/**
 * Puts aside what an attempt may cost, before its provider signs it and before the SDK's timer runs, so that waiting for
 * budget is no timeout. Throws what refuses it, which the SDK does not retry here.
 */
export async function reserveRequest(client: SdkClient, request: PaidRequest, place: RequestPlace): Promise<void> {
  const { url, options } = place
  if (options.signal?.aborted) return
  const { endpoint } = endpointFor(client, options.method, url)
  if (!isBilled(endpoint)) return
  const exchange = await unlessAborted(open(client, request, place, endpoint), options.signal)
  // The SDK sees that it was aborted, and says so in its own words.
  if (exchange === undefined) return
  if (attempts.has(options)) attempts.set(options, exchange)
  else lost.register(request, exchange)
  request[EXCHANGE] = exchange
  if (exchange.text !== undefined) replaceBody(request, exchange.text)
}

/** Makes an attempt, and gives back what was put aside for it where it ends without being sent. */
export async function attempted<T>(options: SdkRequestOptions, attempt: () => Promise<T>): Promise<T> {
  attempts.set(options, undefined)
  try {
    return await attempt()
  } finally {
    attempts.get(options)?.release()
    attempts.delete(options)
  }
}

async function open(
  client: SdkClient,
  request: PaidRequest,
  { url, options }: RequestPlace,
  endpoint: MeteredEndpoint | UnpricedEndpoint,
): Promise<Exchange> {
  const text = typeof request.body === 'string' ? request.body : undefined
  const headers = request.headers as Headers
  const body = requestBody(options)
  try {
    return await openExchange({
      ledger: ledgerOf(client),
      options: client._options,
      endpoint,
      url,
      body,
      text,
      headers,
      asError: (error) => asSdkError(client, error),
    })
  } catch (error) {
    throw asSdkError(client, error)
  }
}

/** Undefined once the signal is aborted; what is opened after that is given back. */
function unlessAborted(
  opening: Promise<Exchange>,
  signal: AbortSignal | null | undefined,
): Promise<Exchange | undefined> {
  if (!signal) return opening
  return new Promise((resolve, reject) => {
    const abort = () => {
      resolve(undefined)
      opening.then((exchange) => exchange.release()).catch(() => {})
    }
    signal.addEventListener('abort', abort, { once: true })
    opening.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function replaceBody(request: PaidRequest, text: string): void {
  request.body = text
  const headers = request.headers as Headers
  if (headers.has('content-length')) headers.set('content-length', String(Buffer.byteLength(text)))
}

function isBilled(endpoint: Endpoint): endpoint is MeteredEndpoint | UnpricedEndpoint {
  return endpoint.kind === 'metered' || endpoint.kind === 'unpriced'
}
