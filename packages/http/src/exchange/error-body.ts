import { Buffer } from 'node:buffer'
import { sleep } from '../util/sleep.ts'

/** How much of an error's body is waited for, and how long: a server may never end it. */
const MAX_BYTES = 65_536
const MAX_WAIT_MS = 1_000

/** The body of an answer that is an error, as far as it has come. */
export interface ErrorBody {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The same, and what is still to come; undefined where that was all. */
  readonly rest: ReadableStream<Uint8Array> | undefined
}

/** Errors are short: what came is on record before the caller sees any of it. Where one breaks off, so does the rest. */
export async function readErrorBody(
  response: Response,
  wait: (signal: AbortSignal) => Promise<void> = (signal) => sleep(MAX_WAIT_MS, signal),
): Promise<ErrorBody> {
  const chunks: Uint8Array[] = []
  if (response.body === null) return { bytes: new Uint8Array(), rest: undefined }
  const reader: Reader = response.body.getReader()
  const waited = new AbortController()
  const tooLong = wait(waited.signal).then(() => undefined)
  let next: Promise<Read> | undefined
  let isOver = false
  for (let length = 0; length <= MAX_BYTES; ) {
    next = reader.read()
    const read = await Promise.race([next.catch(() => undefined), tooLong])
    if (read === undefined) break
    next = undefined
    isOver = read.done
    if (read.done) break
    chunks.push(read.value)
    length += read.value.length
  }
  waited.abort()
  const bytes = new Uint8Array(Buffer.concat(chunks))
  return { bytes, rest: isOver ? undefined : continued(bytes, reader, next) }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>
type Read = Awaited<ReturnType<Reader['read']>>

function continued(bytes: Uint8Array, reader: Reader, asked: Promise<Read> | undefined): ReadableStream<Uint8Array> {
  let pending = asked
  let isBegun = bytes.length === 0
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (!isBegun) {
          isBegun = true
          return controller.enqueue(bytes)
        }
        const { done, value } = await (pending ?? reader.read())
        pending = undefined
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
