import { readBody, readOwnBody } from './read-body.ts'

/** What fetch is called with. */
export type FetchInput = string | URL | Request

/** A request as its caller gave it to fetch. */
export interface ReadRequest {
  readonly url: string
  readonly method: string
  /** Not to be changed: they may be the caller's own. */
  readonly headers: Headers
  /** Its body, where that is JSON. */
  readonly text: string | undefined
  /** What the JSON says, or the fields of a form (of a file its `name`, `type` and `size`); undefined for all else. */
  readonly body: unknown
  readonly signal: AbortSignal | undefined
}

/** Method and address alone: they tell what most requests are for. */
export function readAddress(input: FetchInput, init?: RequestInit): { readonly method: string; readonly url: string } {
  const request = requestIn(input)
  return { method: (init?.method ?? request?.method ?? 'GET').toUpperCase(), url: request?.url ?? String(input) }
}

/** What a request says. What was given can still be sent: no stream is read, and of a `Request` only JSON, from a copy. */
export async function readRequest(input: FetchInput, init?: RequestInit): Promise<ReadRequest> {
  const request = requestIn(input)
  const headers = headersIn(request, init)
  const body = init?.body ?? undefined
  const read =
    body === undefined && request !== undefined ? await readOwnBody(request, headers) : await readBody(body, headers)
  return { ...readAddress(input, init), headers, signal: readSignal(input, init), text: read.text, body: read.body }
}

/** `null` takes the signal of a `Request` away. */
export function readSignal(input: FetchInput, init?: RequestInit): AbortSignal | undefined {
  return (init?.signal === undefined ? requestIn(input)?.signal : init.signal) ?? undefined
}

/** Other implementations of fetch have other classes. */
export function requestIn(input: FetchInput): Request | undefined {
  return typeof input === 'object' && 'url' in input ? input : undefined
}

function headersIn(request: Request | undefined, init: RequestInit | undefined): Headers {
  const { headers } = init ?? {}
  if (headers === undefined) return request?.headers ?? new Headers()
  return headers instanceof Headers ? headers : new Headers(headers)
}
