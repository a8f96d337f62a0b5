import type { UsageReading } from '../usage/usage-reading.ts'

/** What a call's answer came to, told by whoever saw it go by. */
export interface SeenAnswer {
  /** What its provider said; absent: nothing. One that is not complete is filled from what was sent and seen. */
  readonly reading?: UsageReading | undefined
  /** Tokens of output that it had at most; absent: nobody can tell. */
  readonly seenTokens?: number | undefined
  /** False for an answer that is not whole enough to be stored: a resumed run asks again. @default true */
  readonly isKept?: boolean | undefined
  /** What its provider knows it by, where its usage is told later: until then all that was put aside for it counts. */
  readonly externalId?: string | undefined
}

/** How an adapter makes a call. */
export interface CallHow<Response = unknown> {
  /** Its sender sends the request that it is given, and looks at nothing else. @default false */
  readonly isDeaf?: boolean
  /** The request as the JSON that `JSON.stringify` wrote of it, where that is at hand: spares writing it again. */
  readonly body?: string | undefined
  /** What the headers switch on (`anthropic-beta`). */
  readonly betas?: readonly string[] | undefined
  /**
   * What is asked of its provider, where the request does not say it: the answer to something else is never served instead,
   * though it was asked with the same words.
   */
  readonly asks?: string | undefined
  /** Why nobody can bound what it uses, though its body does not say so. */
  readonly unboundedBy?: readonly string[] | undefined
  /** Reads what came of it, instead of the request's own `usage`. Must not throw. */
  readonly seen?: (response: Response) => SeenAnswer
}
