import type { Ledger } from 'holdfast'

export interface WireClient {
  ask(request: object): Promise<unknown>
  stream(request: object): Promise<AsyncIterable<unknown>>
}

/** An SDK, bare and guarded, and what its provider answers. */
export interface WireSdk {
  readonly provider: string
  readonly model: string
  bare(options: ClientOptions): WireClient
  guarded(options: ClientOptions, ledger: Ledger): WireClient
  /** What is asked, with these messages. */
  request(messages: readonly object[]): Request
  readonly answer: string
  /** The events of a stream of so many words. */
  events(words: number): string[]
}

export interface ClientOptions {
  readonly baseURL: string
  readonly fetch?: typeof fetch
}

export interface Request {
  readonly model: string
  readonly messages: readonly object[]
}

/** Nothing goes over a socket: what is left is the CPU of the client. */
export const NOWHERE = 'http://127.0.0.1:9'

/** Answers at once. */
export function answering(text: string): typeof fetch {
  const bytes = new TextEncoder().encode(text)
  return async () => new Response(bytes, { headers: { 'content-type': 'application/json', 'x-request-id': 'req_1' } })
}

/** Answers with a stream, an event for each time that it is asked. */
export function streaming(events: readonly string[]): typeof fetch {
  const encoder = new TextEncoder()
  return async () => {
    const left = events.values()
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const { done, value } = left.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    }
    const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
    return new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' } })
  }
}
