import { Buffer } from 'node:buffer'
import { type CallContext, NotAppliedError, type SeenAnswer } from 'holdfast'
import { refusesStreamOptions } from '../request/stream-usage.ts'
import type { TapOptions, TappedEnd } from '../tap/tap.ts'
import { tapResponse } from '../tap/tap-response.ts'
import { cutOffError } from './cut-off.ts'
import { type ErrorBody, readErrorBody } from './error-body.ts'
import type { ExchangeRequest } from './exchange.ts'
import { HttpFailure, NetworkFailure } from './failures.ts'
import { Link } from './link.ts'
import type { Sending } from './live-exchange.ts'
import { asksForStream } from './model-of.ts'
import { type RecordedExchange, recordedExchange, recordedHead } from './recorded-exchange.ts'
import { responseWith } from './response-with.ts'
import { seenIn } from './seen-in.ts'
import type { SentText } from './sent-text.ts'
import { rememberRefusal } from './stream-usage.ts'

const FIRST_ERROR = 400
const DEFAULT_DRAIN_MS = 60_000

/** A request that is paid for, on its way. */
export interface Transfer {
  readonly request: ExchangeRequest
  readonly call: CallContext
  readonly sent: SentText
  /** The ledger's promise of the call. */
  settled(): Promise<unknown>
  /** Takes what was seen of the answer. */
  note(seen: SeenAnswer): void
}

/** An answer; `failed` where it is an error. */
interface Answered {
  readonly response: Response
  readonly failed: ErrorBody | undefined
  /** Its stream tells its usage because we asked for that. */
  readonly hidesUsage: boolean
}

/**
 * Sends a request, and gives its answer to whoever waits for it. Resolves with what is recorded of it when its body has
 * ended; throws what the ledger makes of a failure.
 */
export async function transfer(one: Transfer, sending: Sending): Promise<RecordedExchange> {
  const { asError } = one.request
  const link = new Link(sending.signal, one.call.signal, drainOf(one) !== 'estimate', asError)
  const isUnsent = link.signal.aborted
  const answered = await fetched(one, sending, link).catch((error: unknown) => {
    link.end()
    whenSettled(one, () => sending.fail(error))
    throw isUnsent ? new NotAppliedError('It was aborted before it was sent.') : failureOf(error)
  })
  const { response, failed, hidesUsage } = answered
  if (failed === undefined) {
    try {
      return tapped({ ...one, hidesUsage }, sending.give, link, response)
    } catch (error) {
      // A fetch that gives what nobody can read any more.
      link.end()
      sending.fail(error)
      throw error
    }
  }
  if (failed.rest === undefined) link.end()
  else link.leaveRun()
  whenSettled(one, () => sending.give(responseWith(response, failed.rest ?? failed.bytes)))
  throw new HttpFailure(response, failed.bytes)
}

/** A client that says so sent nothing: what was put aside is given back. */
function failureOf(error: unknown): Error {
  return NotAppliedError.isInstance(error) ? error : new NetworkFailure(error)
}

/** A host that refuses to tell a stream's usage is not asked for it again. */
async function fetched({ request, sent }: Transfer, { fetch }: Sending, { signal }: Link): Promise<Answered> {
  const { plain } = sent
  signal.throwIfAborted()
  const response = await fetch(signal, undefined)
  const hidesUsage = plain !== undefined
  if (response.status < FIRST_ERROR) return { response, failed: undefined, hidesUsage }
  const failed = await readErrorBody(response)
  if (plain === undefined || !refusesStreamOptions(response.status, Buffer.from(failed.bytes).toString()))
    return { response, failed, hidesUsage }
  const again = await fetch(signal, plain)
  if (again.status >= FIRST_ERROR) return { response: again, failed: await readErrorBody(again), hidesUsage: false }
  // Some hosts repeat the request in whatever they answer: only now it is certain.
  rememberRefusal(request.url)
  return { response: again, failed: undefined, hidesUsage: false }
}

/** What the ledger says of a failure is not the caller's: that gets what came. */
function whenSettled(one: Transfer, then: () => void): void {
  one.settled().then(then, then)
}

/** No closure in here may know the tapped response: it must be seen when nobody else does. */
function tapped(
  one: Transfer & { readonly hidesUsage: boolean },
  give: (response: Response) => void,
  link: Link,
  response: Response,
): Promise<RecordedExchange> {
  const { promise, resolve, reject } = Promise.withResolvers<RecordedExchange>()
  const head = recordedHead(response)
  const onEnd = async (end: TappedEnd): Promise<void> => {
    link.leaveRun()
    try {
      one.note(seenIn(end, one.request.endpoint, head))
      resolve(recordedExchange(head, end))
    } catch (error) {
      // Nothing may keep the ledger waiting.
      reject(error)
    }
    await one.settled().catch((error: unknown) => {
      throw one.request.asError?.(error) ?? error
    })
  }
  give(tapResponse(response, tapOptions(one, link, onEnd)))
  return promise
}

function tapOptions(
  one: Transfer & { readonly hidesUsage: boolean },
  link: Link,
  onEnd: TapOptions['onEnd'],
): TapOptions {
  const { request, call, hidesUsage } = one
  const { endpoint } = request
  return {
    provider: endpoint.provider,
    shape: endpoint.kind === 'metered' ? endpoint.shape : 'openai-responses',
    hidesUsage,
    asksForStream: asksForStream(request),
    maxKeptBytes: call.maxKeptBytes,
    // Of nothing held nothing can be cut off: it has no output that is counted.
    outputTokens: call.heldOutputTokens || undefined,
    onStreamAbort: drainOf(one),
    signal: link.answered(),
    stop: link.stop,
    onEnd,
    onLeft: link.leaveCaller,
    cutOff: () => cutOffError(request, call),
  }
}

function drainOf({ request }: Transfer): TapOptions['onStreamAbort'] {
  const { onStreamAbort = 'estimate' } = request.options
  return onStreamAbort === 'drain' ? { drainMs: DEFAULT_DRAIN_MS } : onStreamAbort
}
