import { type CallContext, type CallRequest, NotAppliedError } from 'holdfast'
import type { Exchange, ExchangeRequest, OpenExchange, Payer } from './exchange.ts'
import { recordedFailure } from './failures.ts'
import { LiveExchange } from './live-exchange.ts'
import { asksForStream, modelOf } from './model-of.ts'
import { type RecordedExchange, responseOf } from './recorded-exchange.ts'

/** Nobody can say what it uses: the price of such a request says nothing of what it sets in motion. */
const UNPRICED = ['what it sets in motion, which its answer does not tell']

/**
 * Pays for one attempt at a model request, in the run that the caller is in, and answers when it may be sent, or when what
 * an earlier execution got for it is at hand. Throws what refuses it.
 */
export const openExchange: OpenExchange = (request) => unlessAborted(request.signal, opened(request))

async function opened(request: ExchangeRequest): Promise<Exchange> {
  for (;;) {
    try {
      return await asked(request)
    } catch (error) {
      // An earlier execution asked for it and never sent it: so there is nothing to serve, and the next one counts.
      if (!NotAppliedError.isInstance(error)) throw error
    }
  }
}

/** Whoever does not wait any more will not send it. */
function unlessAborted(signal: AbortSignal | undefined, opening: Promise<Exchange>): Promise<Exchange> {
  if (signal === undefined) return opening
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    opening
      .then((exchange) => (signal.aborted ? exchange.release() : resolve(exchange)), reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function asked(request: ExchangeRequest): Promise<Exchange> {
  const { ledger, options } = request
  const payer: Payer = options.run ?? ledger
  return new Promise((resolve, reject) => {
    const live = new LiveExchange(request)
    let isLive = false
    const send = (call: CallContext) => {
      isLive = true
      const sent = live.enter(call)
      resolve(live)
      return sent
    }
    const how = {
      isDeaf: true,
      body: request.text,
      betas: betasOf(request.headers),
      asks: asksOf(request),
      unboundedBy: request.endpoint.kind === 'unpriced' ? UNPRICED : undefined,
      seen: () => (isSeen(request) ? live.seen : { ...live.seen, isKept: false }),
    }
    const settled = payer.call<RecordedExchange>(callOf(request), send, how)
    live.settledBy(settled)
    settled.then(
      (recorded) => isLive || resolve(served(() => responseOf(recorded, request.url, request.asError))),
      (error: unknown) => {
        const failure = isLive ? undefined : servedFailure(error, request.url)
        if (failure === undefined) reject(error)
        else resolve(failure)
      },
    )
  })
}

/** What was recorded instead of an answer comes when it is sent, as it did then. Undefined for all that refuses to send it. */
function servedFailure(error: unknown, url: string): Exchange | undefined {
  const recorded = recordedFailure(error)
  if (recorded === undefined) return undefined
  if ('exchange' in recorded) return served(() => responseOf(recorded.exchange, url))
  return served(() => {
    throw recorded.cause
  })
}

function served(response: () => Response): Exchange {
  const send: Exchange['send'] = async (_fetch, signal) => {
    signal?.throwIfAborted()
    return response()
  }
  return { text: undefined, send, release: () => undefined }
}

function callOf(request: ExchangeRequest): CallRequest<RecordedExchange> {
  const { endpoint, body, options } = request
  const call = { provider: endpoint.provider, model: modelOf(request), request: body }
  return options.record === undefined ? call : { ...call, record: options.record }
}

/** A stream is no answer to who waits for JSON, nor what another endpoint makes of the same words. */
function asksOf(request: ExchangeRequest): string {
  const { endpoint, url } = request
  // What it is about may stand in its address alone, such as the thread that is run.
  const name = endpoint.kind === 'unpriced' ? `${endpoint.name} ${URL.parse(url)?.pathname ?? ''}` : endpoint.name
  return asksForStream(request) ? `${name}, streamed` : name
}

/** Of an upload only names and sizes are known: its answer would be served to another one that looks the same. */
function isSeen({ text, body, headers }: ExchangeRequest): boolean {
  return text !== undefined || (body === undefined && !headers.has('content-type'))
}

function betasOf(headers: Headers): readonly string[] | undefined {
  const value = headers.get('anthropic-beta')
  return value === null ? undefined : value.split(',').map((beta) => beta.trim())
}
