import type { CallContext, CallHow, CallRequest, Ledger, Run } from 'holdfast'
import type { MeteredEndpoint, UnpricedEndpoint } from '../endpoint/endpoint.ts'

/** Who pays for a call: a run that is named, or the ledger, which looks for the run that the caller is in. */
export interface Payer {
  call<T>(request: CallRequest<T>, send: (call: CallContext) => Promise<T>, how?: CallHow<T>): Promise<T>
}

/** What is said once for a client, or a fetch. */
export interface GuardOptions {
  /** Where the async context is lost, and for graphs that a server invokes. @default the run that the caller is in */
  readonly run?: Run | undefined
  /** How much of requests and answers is shown in views, events and exports. @default 'full' */
  readonly record?: 'full' | 'redacted' | 'hash' | undefined
  /**
   * What a break or an abort of a stream does: it is settled by what was seen, or read on in the background, for at most
   * `drainMs`, to learn what it cost. @default 'estimate'
   */
  readonly onStreamAbort?: 'estimate' | 'drain' | { readonly drainMs: number } | undefined
  /** Whether streams are asked to tell their usage where the caller did not ask for that. @default true, until a host refuses it */
  readonly streamUsage?: boolean | undefined
}

/** One attempt at a model request, before it is paid for. */
export interface ExchangeRequest {
  readonly ledger: Ledger
  readonly options: GuardOptions
  readonly endpoint: MeteredEndpoint | UnpricedEndpoint
  readonly url: string
  /** Its body as the caller made it: an object, a form's fields, or whatever it is. What a resumed run knows it by. */
  readonly body: unknown
  /** The same as the JSON that is about to be sent, where it is JSON. */
  readonly text: string | undefined
  readonly headers: Headers
  /** The caller's own: who aborts a request that waits to be paid for gets the reason, and nothing is sent. */
  readonly signal?: AbortSignal | undefined
  /** What its caller gets of an error that breaks its answer off: one of its SDK's, whose helpers then leave it as it is. */
  readonly asError?: ((error: unknown) => unknown) | undefined
}

/**
 * Sends the request; `signal` ends it. It is called a second time, with another text to send, where a host refuses what was
 * asked for beyond the caller's own; the first time `text` is undefined. It throws a `NotAppliedError` where it knows that nothing
 * was sent; after any other error all that was put aside counts.
 */
export type SendRequest = (signal: AbortSignal, text: string | undefined) => Promise<Response>

/** A request that is paid for: what it may cost is put aside. */
export interface Exchange {
  /** What is to be sent instead of the caller's own JSON: with a cap, or asking for usage. Undefined: the caller's own. */
  readonly text: string | undefined
  /**
   * Sends it, once. Answers with the recorded response where there is one. Waits until what it came to is on record; for a
   * body, its reader does.
   */
  send(fetch: SendRequest, signal: AbortSignal | undefined): Promise<Response>
  /** It will never be sent: what was put aside is given back. */
  release(): void
}

/**
 * Puts aside what a request may cost, in the run that the caller is in. Throws what refuses it: nothing was sent then, and
 * nothing may be.
 */
export type OpenExchange = (request: ExchangeRequest) => Promise<Exchange>
