import { type FetchInput, requestIn } from './read-request.ts'

/** What to call fetch with. */
export type FetchArguments = readonly [input: FetchInput, init: RequestInit]

/** The same request with other JSON. Its `content-length`, if it names one, is left to fetch. */
export function withText(input: FetchInput, init: RequestInit | undefined, text: string): FetchArguments {
  const request = requestIn(input)
  // A Blob may be what says that it is JSON.
  const body = init?.body instanceof Blob ? new Blob([text], { type: init.body.type }) : text
  const own = init?.headers ?? request?.headers
  const headers = own === undefined ? undefined : withoutLength(own)
  return [input, { ...init, body, ...(headers === undefined ? {} : { headers }) }]
}

/** The same headers where they name no length: some clients know a request by them. */
function withoutLength(headers: NonNullable<RequestInit['headers']>): NonNullable<RequestInit['headers']> {
  const all = new Headers(headers)
  if (!all.has('content-length')) return headers
  all.delete('content-length')
  return all
}
