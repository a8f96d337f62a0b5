import { parseAddress } from './address.ts'
import { ANYWHERE, type Place } from './apis/anywhere.ts'
import type { Endpoint, RequestAddress } from './endpoint.ts'
import { type EndpointTable, type FoundRow, findRow, findSubtree } from './endpoint-table.ts'
import { apisOf } from './provider-apis.ts'
import { isSignIn, providerAt } from './provider-hosts.ts'

const FREE: Endpoint = { kind: 'free' }
const UNKNOWN: Endpoint = { kind: 'unknown' }
const SENDS_NOTHING_BILLED: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])

/** Agents ask the same few addresses again and again; those with an id in them must not fill the memory. */
const seen = new Map<string, Endpoint>()
const MAX_SEEN = 256

/**
 * What a request is for: by its provider, where that is given, else by its host, else by a path that only OpenAI's,
 * Anthropic's and Google's APIs have. What is only read is free; what is sent to an endpoint that nobody knows is unknown.
 */
export function endpointOf(request: RequestAddress): Endpoint {
  const key = `${request.method} ${request.provider ?? ''} ${request.url}`
  const known = seen.get(key)
  if (known !== undefined) return known
  const method = request.method.toUpperCase()
  const endpoint = billedOrFree(method, request) ?? (SENDS_NOTHING_BILLED.has(method) ? FREE : UNKNOWN)
  if (seen.size >= MAX_SEEN) seen.clear()
  seen.set(key, endpoint)
  return endpoint
}

function billedOrFree(method: string, request: RequestAddress): Endpoint | undefined {
  const address = parseAddress(request.url)
  if (address === undefined) return undefined
  if (isSignIn(address)) return FREE
  const provider = request.provider || providerAt(address)
  const places: readonly Place[] =
    provider === undefined ? ANYWHERE : apisOf(provider).map((table) => ({ provider, table }))
  return (
    firstIn(places, (table) => findRow(table, method, address.path)) ??
    firstIn(places, (table) => findSubtree(table, method, address.path))
  )
}

function firstIn(places: readonly Place[], find: (table: EndpointTable) => FoundRow | undefined): Endpoint | undefined {
  for (const { provider, table } of places) {
    const row = find(table)
    if (row !== undefined) return endpointFrom(row, provider)
  }
  return undefined
}

function endpointFrom({ purpose, model, id }: FoundRow, provider: string): Endpoint {
  if (purpose.kind === 'free') return FREE
  if (purpose.kind === 'result') return { ...purpose, provider, id: id ?? '' }
  if (purpose.kind === 'unpriced') return { ...purpose, provider }
  return { ...purpose, provider, model }
}
