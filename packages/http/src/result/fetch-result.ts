import type { Ledger, UsageReading } from 'holdfast'
import type { ResultEndpoint } from '../endpoint/endpoint.ts'
import type { TappedEnd } from '../tap/tap.ts'
import { tapResponse } from '../tap/tap-response.ts'
import { tapBatchResults } from './batch-results.ts'
import { correctCharge } from './correct-charge.ts'
import { batchReading } from './openai-batch.ts'

/** More of a batch is not read. */
const MAX_BYTES = 1_048_576
const FIRST_ERROR = 400

/** Where a request is read whose answer tells what an earlier one was billed for. */
export interface ResultRequest {
  readonly ledger: Ledger
  readonly endpoint: ResultEndpoint
  readonly signal: AbortSignal | undefined
}

/** Sends a request for the result of an earlier one; before its answer ends, that one's charge is what it says. */
export async function fetchResult(asked: ResultRequest, send: () => Promise<Response>): Promise<Response> {
  const response = await send()
  if (response.status >= FIRST_ERROR) return response
  const { endpoint } = asked
  const correct = (reading: UsageReading | undefined) => correctCharge(asked.ledger, endpoint, reading)
  if (endpoint.shape === 'anthropic-batch-results') return tapBatchResults(response, endpoint.provider, correct)
  return tapResponse(response, {
    provider: endpoint.provider,
    shape: 'openai-responses',
    hidesUsage: false,
    maxKeptBytes: MAX_BYTES,
    outputTokens: undefined,
    onStreamAbort: 'estimate',
    signal: asked.signal,
    // Its reader's end ends the request too.
    stop: () => undefined,
    onEnd: (end) => correct(readingIn(end, endpoint)),
  })
}

/** What broke off may tell less than what was used. */
function readingIn(end: TappedEnd, { shape, provider }: ResultEndpoint): UsageReading | undefined {
  if (end.kind !== 'complete') return undefined
  if (shape === 'openai-batch') return batchReading(end.bytes, provider)
  return end.reading?.complete === true ? end.reading : undefined
}
