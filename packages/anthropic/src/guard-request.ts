import {
  type Endpoint,
  type Exchange,
  type GuardOptions,
  isInsideExchange,
  type MeteredEndpoint,
  openExchange,
  passRequest,
  type UnpricedEndpoint,
} from '@holdfast/http'
import { HoldfastError, type Ledger, NotAppliedError } from 'holdfast'
import { endpointFor } from './endpoint-for.ts'
import { asSdkError, isRetried, noteFailure, refuse } from './refuse.ts'
import { requestBody } from './request-body.ts'
import type { SdkContext, SdkErrors, SdkNext, SdkRequest } from './sdk-client.ts'
import { endedUnsent, marked } from './unsent.ts'

/** Who guards a request, and how. */
export interface RequestGuard {
  /** Asked where a request needs it: the default ledger may be one that cannot be made. */
  readonly ledger: () => Ledger
  readonly options: GuardOptions
  /** Undefined: the host says whose API it is. */
  readonly provider: string | undefined
  readonly errors: SdkErrors
  /** Whether there is no other middleware, which may change what the caller made. */
  readonly isAlone: boolean
}

type Billed = MeteredEndpoint | UnpricedEndpoint

/** One attempt that goes through the middleware: paid for before it goes on, settled before its answer has ended. */
export async function guardRequest(
  guard: RequestGuard,
  request: SdkRequest,
  next: SdkNext,
  context: SdkContext,
): Promise<Response> {
  if (isInsideExchange()) return next(request)
  const { method = 'GET', url } = request
  const endpoint = endpointFor(method, url, guard.provider)
  if (isBilled(endpoint)) return exchanged(guard, endpoint, request, next, context)
  const isOfSdk = endpoint.kind === 'unknown' && context.options === undefined
  if (endpoint.kind === 'free' || isOfSdk) return next(request)
  const signal = request.signal ?? undefined
  let isSent = false
  const send = () => {
    isSent = true
    return next(request)
  }
  try {
    return await passRequest({ ledger: guard.ledger(), endpoint, method, url, signal }, send)
  } catch (error) {
    if (isSent) throw error
    return refuse(error, guard.errors)
  }
}

async function exchanged(
  guard: RequestGuard,
  endpoint: Billed,
  request: SdkRequest,
  next: SdkNext,
  context: SdkContext,
): Promise<Response> {
  const { ledger, options, errors } = guard
  const { url, headers } = request
  const signal = request.signal ?? undefined
  const text = typeof request.body === 'string' ? request.body : undefined
  const body = requestBody(request, context, guard.isAlone)
  let exchange: Exchange
  try {
    const request = { ledger: ledger(), options, endpoint, url, body, text, headers, signal }
    const asError = (error: unknown) => (HoldfastError.isInstance(error) ? asSdkError(error, errors) : error)
    exchange = await openExchange({ ...request, asError })
  } catch (error) {
    // The SDK says in its own words that its caller aborted it.
    if (signal?.aborted) throw error
    return refuse(error, errors)
  }
  return sent(exchange, errors, request, next)
}

async function sent(exchange: Exchange, errors: SdkErrors, request: SdkRequest, next: SdkNext): Promise<Response> {
  const signal = request.signal ?? undefined
  let ending: AbortSignal | undefined
  try {
    return await exchange.send((ends, text = exchange.text) => {
      ending = ends
      return next(marked({ ...withText(request, text), signal: ends })).catch(unlessUnsent)
    }, signal)
  } catch (error) {
    if (NotAppliedError.isInstance(error) && endedUnsent(error.cause)) throw error.cause
    if (signal?.aborted) throw error
    // Its run has ended, and no other attempt would do better.
    if (ending?.aborted || HoldfastError.isInstance(error)) return refuse(error, errors)
    throw ending === undefined ? retriedAgain(error, errors) : error
  }
}

/** For the ledger: what could not be signed, or authenticated, gives back what was put aside for it. */
function unlessUnsent(error: unknown): never {
  noteFailure(error)
  throw endedUnsent(error) ? new NotAppliedError('The request was never sent.', { cause: error }) : error
}

/** What came from the record instead of an answer: the SDK retries it as it did then, when it came from its fetch. */
function retriedAgain(error: unknown, errors: SdkErrors): unknown {
  if (!(error instanceof Error) || isRetried(error, errors)) return error
  return new errors.APIConnectionError({ cause: error })
}

function withText(request: SdkRequest, text: string | undefined): SdkRequest {
  if (text === undefined) return request
  if (!request.headers.has('content-length')) return { ...request, body: text }
  const headers = new Headers(request.headers)
  headers.set('content-length', String(Buffer.byteLength(text)))
  return { ...request, headers, body: text }
}

function isBilled(endpoint: Endpoint): endpoint is Billed {
  return endpoint.kind === 'metered' || endpoint.kind === 'unpriced'
}
