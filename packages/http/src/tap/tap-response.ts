import { responseWith } from '../exchange/response-with.ts'
import { Passage } from './passage.ts'
import type { TappedEnd, TapResponse } from './tap.ts'
import { TappedBody } from './tapped-body.ts'
import { watchOf } from './watch-of.ts'

const NOTHING: TappedEnd = {
  kind: 'complete',
  bytes: new Uint8Array(),
  reading: undefined,
  seenTokens: 0,
  pendingId: undefined,
}

/** The stream is what is watched: a response may go while its body, or a reader of that, is still held. */
const dropped = new FinalizationRegistry<TappedBody>((body) => body.drop())

/** The same response, whose body is watched as it is read. One without a body has ended at once. */
export const tapResponse: TapResponse = (response, options) => {
  const { body, headers } = response
  if (body === null) {
    options.onEnd(NOTHING).catch(() => undefined)
    options.onLeft?.()
    return response
  }
  const passage = new Passage(options.maxKeptBytes)
  const watch = watchOf(headers.get('content-type') ?? '', options, passage)
  const tapped = new TappedBody(body.getReader(), watch, passage, options)
  const stream = new ReadableStream<Uint8Array>(tapped, { highWaterMark: 0 })
  dropped.register(stream, tapped)
  return responseWith(response, stream)
}
