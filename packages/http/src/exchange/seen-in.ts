import type { SeenAnswer } from 'holdfast'
import type { MeteredEndpoint, UnpricedEndpoint } from '../endpoint/endpoint.ts'
import { batchIdIn } from '../result/batch-id.ts'
import { externalIdOf } from '../result/external-id.ts'
import type { TappedEnd } from '../tap/tap.ts'
import type { RecordedHead } from './recorded-exchange.ts'

const STREAM = /^(?:text\/event-stream|application\/(?:x-)?ndjson)/i

/** What the ledger is told of an answer that has ended. */
export function seenIn(end: TappedEnd, endpoint: MeteredEndpoint | UnpricedEndpoint, head: RecordedHead): SeenAnswer {
  const { bytes, reading, pendingId } = end
  const id = pendingId ?? batchIdIn(endpoint, end)
  return {
    reading,
    seenTokens: isAllThereIs(end, head) ? end.seenTokens : undefined,
    isKept: bytes !== undefined,
    externalId: id === undefined ? undefined : externalIdOf(endpoint.provider, id),
  }
}

/**
 * Whether what was seen bounds what was made: an answer that is not streamed is there as a whole before its first byte
 * comes, and one that nobody reads goes on.
 */
function isAllThereIs({ kind }: TappedEnd, { headers }: RecordedHead): boolean {
  if (kind === 'complete' || kind === 'cut') return true
  return kind !== 'dropped' && headers.some(([name, value]) => name === 'content-type' && STREAM.test(value))
}
