import type { UsageReading } from 'holdfast'
import type { AnswerShape } from '../endpoint/endpoint.ts'

/** How a body is watched on its way to the caller. */
export interface TapOptions {
  readonly provider: string
  readonly shape: AnswerShape
  /** We asked for usage in the stream, and the caller did not: what only that brought is kept from it. */
  readonly hidesUsage: boolean
  /** The caller asked for a stream: what comes may be one though its type does not say so. */
  readonly asksForStream?: boolean | undefined
  /** A longer body is not kept. */
  readonly maxKeptBytes: number
  /** How much may come out, where something limits it: a stream that goes on beyond it is cut off. */
  readonly outputTokens: number | undefined
  /** What its reader gets then. Absent: nothing is cut off. */
  readonly cutOff?: (() => Error) | undefined
  /** What a caller's break or abort does: settled by what was seen, or read on in the background to learn what was used. */
  readonly onStreamAbort: 'estimate' | { readonly drainMs: number }
  /** The caller's own. */
  readonly signal: AbortSignal | undefined
  /** Ends the request itself. */
  readonly stop: (reason: unknown) => void
  /**
   * Called once, however the body ends; what the caller is still to get waits for its promise, and fails with its error.
   */
  readonly onEnd: (end: TappedEnd) => Promise<void>
  /** Its reader has got all of it, or has gone: `signal` is not looked at any more. May come before `onEnd`, or after. */
  readonly onLeft?: (() => void) | undefined
}

/**
 * `complete`: as the provider ended it. `cut`: we ended it, because more came out than what was held for it. `cancelled`: its
 * reader stopped, by a break or an abort. `failed`: the connection, or the provider in the stream. `dropped`: nobody holds
 * it any more.
 */
export type TappedKind = 'complete' | 'cut' | 'cancelled' | 'failed' | 'dropped'

export interface TappedEnd {
  readonly kind: TappedKind
  /** Why, where the connection failed or we cut it off. Absent where the provider said in the stream that it failed. */
  readonly error?: unknown
  /** The bytes that the caller got or is about to get; undefined where they are too many to keep. */
  readonly bytes: Uint8Array | undefined
  /** What the provider said was used. `complete` is false where the answer broke off. */
  readonly reading: UsageReading | undefined
  /** Tokens of output that were seen at most; undefined where nobody can tell. */
  readonly seenTokens: number | undefined
  /** The id of an answer that is not there yet: its usage is told by another request. */
  readonly pendingId: string | undefined
}

/**
 * The same response, with a body of the same bytes that is watched as its reader pulls it. Nothing is read ahead of it.
 * Its last bytes, and in a stream all from the first completed tool call on, wait until `onEnd` has been heard.
 */
export type TapResponse = (response: Response, options: TapOptions) => Response
