import type { Ledger } from 'holdfast'
import type { FreeEndpoint, ResultEndpoint, UnknownEndpoint } from './endpoint/endpoint.ts'
import { insideExchange } from './exchange/inside-exchange.ts'
import { fetchResult } from './result/fetch-result.ts'

/** A request that is not paid for by itself. */
export interface UnpaidRequest {
  readonly ledger: Ledger
  readonly endpoint: FreeEndpoint | ResultEndpoint | UnknownEndpoint
  readonly method: string
  readonly url: string
  readonly signal: AbortSignal | undefined
}

/**
 * Sends what is not paid for by itself: as it is, where that is free; for the result of an earlier request, that one's
 * charge is corrected by what it says. Of what nobody knows the ledger is told, and throws what refuses it. A guarded fetch
 * that it goes through passes it on.
 */
export async function passRequest(request: UnpaidRequest, send: () => Promise<Response>): Promise<Response> {
  const { ledger, endpoint, method, url, signal } = request
  const sendOnce = () => insideExchange(send)
  if (endpoint.kind === 'result') return fetchResult({ ledger, endpoint, signal }, sendOnce)
  if (endpoint.kind === 'unknown') ledger.unmetered({ method, url })
  return sendOnce()
}
