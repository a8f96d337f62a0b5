import type { AnswerShape, ResultEndpoint } from './endpoint.ts'

/** What a request to an endpoint is for, whoever serves it. */
export type Purpose =
  | { readonly kind: 'metered'; readonly name: string; readonly shape: AnswerShape; readonly streams?: boolean }
  | { readonly kind: 'unpriced'; readonly name: string }
  | { readonly kind: 'result'; readonly name: string; readonly shape: ResultEndpoint['shape'] }
  | { readonly kind: 'free' }

/**
 * Method, path and purpose. In a path `{model}` and `{id}` are what they say, `{any}` is any one segment, `v*` a version,
 * and `**`, at its end, everything below.
 */
export type EndpointRow = readonly [method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, purpose: Purpose]

export interface EndpointTable {
  readonly rows: readonly EndpointRow[]
  /** Google's custom methods: the last segment ends in `:verb`. */
  readonly hasVerbs: boolean
  /** By method and last segment, or for a path that ends in a parameter by the segment before it; longer paths first. */
  readonly index: ReadonlyMap<string, readonly CompiledRow[]>
  /** The paths that end in `**`. */
  readonly subtrees: readonly CompiledRow[]
}

interface CompiledRow {
  readonly method: string
  readonly path: readonly string[]
  readonly purpose: Purpose
}

/** A row that fits, and what its path names. */
export interface FoundRow {
  readonly purpose: Purpose
  readonly model: string | undefined
  readonly id: string | undefined
}

export function metered(name: string, shape: AnswerShape, streams?: boolean): Purpose {
  return streams === undefined ? { kind: 'metered', name, shape } : { kind: 'metered', name, shape, streams }
}

export function unpriced(name: string): Purpose {
  return { kind: 'unpriced', name }
}

export function result(name: string, shape: ResultEndpoint['shape']): Purpose {
  return { kind: 'result', name, shape }
}

export const FREE: Purpose = { kind: 'free' }

export function endpointTable(rows: readonly EndpointRow[]): EndpointTable {
  const compiled = rows.map(([method, path, purpose]) => ({ method, path: segmentsOf(path), purpose }))
  const index = new Map<string, CompiledRow[]>()
  for (const row of compiled) {
    const last = row.path.at(-1) ?? ''
    if (last === '**') continue
    const key = isParameter(last) ? `${row.method} ${row.path.at(-2)}/` : `${row.method} ${last}`
    index.set(key.toLowerCase(), [...(index.get(key.toLowerCase()) ?? []), row])
  }
  for (const same of index.values()) same.sort((one, other) => other.path.length - one.path.length)
  const hasVerbs = compiled.some(({ path }) => path.at(-1)?.startsWith(':'))
  return { rows, hasVerbs, index, subtrees: compiled.filter(({ path }) => path.at(-1) === '**') }
}

/** The row for a path, which may begin with the base path of a gateway. */
export function findRow(table: EndpointTable, method: string, given: readonly string[]): FoundRow | undefined {
  const path = table.hasVerbs ? withVerb(given) : given
  const fitting = (key: string) => table.index.get(key.toLowerCase())?.find((row) => fits(row, path))
  // A literal goes before a parameter: `/threads/runs` is no thread.
  const row = fitting(`${method} ${path.at(-1)}`) ?? fitting(`${method} ${path.at(-2)}/`)
  return row && found(row, path)
}

/** The row for all that is below a path. To be asked when no table has a row for the path itself. */
export function findSubtree(table: EndpointTable, method: string, path: readonly string[]): FoundRow | undefined {
  const row = table.subtrees.find((one) => one.method === method && isBelow(one, path))
  return row && { purpose: row.purpose, model: undefined, id: undefined }
}

/**
 * What is billed is found below any base path; what is free only right below one that looks like it, so that an endpoint
 * that nobody knows is not free because its last segment is `files`.
 */
function fits(row: CompiledRow, path: readonly string[]): boolean {
  const start = path.length - row.path.length
  if (start < 0 || !row.path.every((wanted, at) => fitsSegment(wanted, path[start + at] ?? ''))) return false
  return row.purpose.kind !== 'free' || row.path[0] === 'v*' || isBase(path, start)
}

function isBelow(row: CompiledRow, path: readonly string[]): boolean {
  const top = row.path.slice(0, -1)
  return path.some((_, start) => {
    const isThere = top.every((wanted, at) => fitsSegment(wanted, path[start + at] ?? ''))
    return isThere && (row.purpose.kind !== 'free' || isBase(path, start))
  })
}

function fitsSegment(wanted: string, segment: string): boolean {
  if (wanted === segment || isParameter(wanted)) return true
  if (wanted === 'v*') return VERSION.test(segment)
  return wanted.length === segment.length && wanted.toLowerCase() === segment.toLowerCase()
}

const VERSION = /^v\d/i
const BASE = /^(?:v\d\w*|openai|anthropic|api|inference|compatibility|upload)$/i
// `/deployments/{name}` and `/projects/{name}` on Azure, `/locations/{name}` and `/publishers/{name}` at Google.
const NAMED_BASE = /^(?:deployments|projects|locations|publishers)$/i

function isBase(path: readonly string[], start: number): boolean {
  return start === 0 || BASE.test(path[start - 1] ?? '') || NAMED_BASE.test(path[start - 2] ?? '')
}

function found(row: CompiledRow, path: readonly string[]): FoundRow {
  const start = path.length - row.path.length
  const named = (name: string) => {
    const at = row.path.indexOf(name)
    return at === -1 ? undefined : path[start + at]
  }
  return { purpose: row.purpose, model: named('{model}'), id: named('{id}') }
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{')
}

function segmentsOf(path: string): readonly string[] {
  return withVerb(path.split('/').slice(1))
}

/** `gemini-pro:generateContent` as two segments, the second with its colon. */
function withVerb(path: readonly string[]): readonly string[] {
  const last = path.at(-1) ?? ''
  const colon = last.lastIndexOf(':')
  return colon < 1 ? path : [...path.slice(0, -1), last.slice(0, colon), last.slice(colon)]
}
