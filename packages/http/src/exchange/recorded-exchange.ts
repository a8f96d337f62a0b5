import { Buffer } from 'node:buffer'
import type { TappedEnd } from '../tap/tap.ts'
import { errorOf, type RecordedError, recordedError } from './recorded-error.ts'
import { type ResponseFacts, responseWith } from './response-with.ts'

/** What a caller got for a request: plain JSON, as it is kept for a resumed run. */
export interface RecordedExchange {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly encoding: 'utf8' | 'base64'
  /** How its body ended: `cancelled` where its reader had enough. */
  readonly ended: 'complete' | 'cancelled' | 'failed'
  /** Why, where it failed. */
  readonly error?: RecordedError
}

/** What callers read; never a cookie or a credential. */
const KEPT_HEADER =
  /^(?:content-type|retry-after(?:-ms)?|x-should-retry|(?:[a-z]+-)*request-id|(?:openai|anthropic|x-ratelimit)-[a-z0-9-]+)$/

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What a response has beside its body, as it is kept. */
export type RecordedHead = Pick<RecordedExchange, 'status' | 'statusText' | 'headers'>

export function recordedHead({ status, statusText, headers }: ResponseFacts): RecordedHead {
  return { status, statusText, headers: [...headers].filter(([name]) => KEPT_HEADER.test(name)) }
}

export function recordedExchange(
  head: RecordedHead,
  { kind, error, bytes }: Omit<TappedEnd, 'seenTokens'>,
): RecordedExchange {
  const body = recordedBody(bytes ?? new Uint8Array())
  // What the provider said in the stream of its failure is in the bytes, which end as they did.
  if (kind === 'complete' || (kind === 'failed' && error === undefined)) return { ...head, ...body, ended: 'complete' }
  if (kind === 'cancelled' || kind === 'dropped') return { ...head, ...body, ended: 'cancelled' }
  return { ...head, ...body, ended: 'failed', error: recordedError(error) }
}

/** Bytes that are no text, such as speech, and a text that was cut within a character, must come back as they were. */
export function recordedBody(bytes: Uint8Array): Pick<RecordedExchange, 'body' | 'encoding'> {
  try {
    return { body: decoder.decode(bytes), encoding: 'utf8' }
  } catch {
    const { buffer, byteOffset, byteLength } = bytes
    return { body: Buffer.from(buffer, byteOffset, byteLength).toString('base64'), encoding: 'base64' }
  }
}

/** The response again: its body breaks off where it did, with an error of the same kind. */
export function responseOf(
  recorded: RecordedExchange,
  url: string,
  asError: (error: unknown) => unknown = (error) => error,
): Response {
  const { status, statusText, body, encoding } = recorded
  const headers = new Headers(recorded.headers.map(([name, value]): [string, string] => [name, value]))
  const bytes = new Uint8Array(Buffer.from(body, encoding))
  const facts = { status, statusText, headers, url, redirected: false }
  return responseWith(facts, recorded.ended === 'complete' ? bytes : brokenOff(bytes, recorded, asError))
}

function brokenOff(
  bytes: Uint8Array,
  { ended, error }: RecordedExchange,
  asError: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  let isGiven = bytes.length === 0
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (isGiven) return controller.error(ended === 'failed' ? asError(errorOf(error ?? NO_ERROR)) : endOfRecord())
        isGiven = true
        controller.enqueue(bytes)
      },
    },
    { highWaterMark: 0 },
  )
}

const NO_ERROR: RecordedError = { name: 'TypeError', message: 'terminated' }

function endOfRecord(): Error {
  return new Error(
    'The record of this answer ends here: its reader stopped when it was first given, and what came after that was never seen. A resumed run must read no further than it did.',
  )
}
