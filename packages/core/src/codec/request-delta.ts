import { equalsJsonCopy, jsonCopy } from './json-copy.ts'
import { loadChain, type RequestDelta } from './request-chain.ts'

const FIELDS = ['messages', 'input', 'contents', 'prompt'] as const
// A shorter text is not worth the name of its field.
const MIN_SHARED_LENGTH = 64

/** A request as it was when it was sent, whatever its caller changes afterwards. */
export interface RequestSnapshot {
  /** Where its conversation stands; null if it has none that is a list. */
  readonly field: string | null
  readonly messages: readonly unknown[]
  /** All other fields, or the request itself if it is no object. */
  readonly rest: unknown
}

/** The call that the next request of its lane probably repeats. */
export interface PreviousRequest {
  readonly id: number
  readonly snapshot: RequestSnapshot
}

export interface EncodedRequest {
  /** What is stored: JSON of a `RequestDelta`. */
  readonly body: string
  /** For the `previous` of the lane's next call. */
  readonly snapshot: RequestSnapshot
}

/**
 * A request as its difference to the lane's previous one, so that what a conversation stores grows with its length
 * and not with its square. Never throws: what is not JSON is stored as a text that says what it was.
 *
 * Agents push onto the very array that they sent before: so what was sent is compared, not which object it was in.
 */
export function encodeRequest(request: unknown, previous: PreviousRequest | undefined): EncodedRequest {
  const snapshot = takeSnapshot(request, previous?.snapshot)
  const keep = previous ? equalItems(previous.snapshot.messages, snapshot.messages) : 0
  const same = previous ? equalFields(previous.snapshot.rest, snapshot.rest) : []
  const delta: RequestDelta = {
    base: previous && keep + same.length > 0 ? previous.id : null,
    keep,
    field: snapshot.field,
    tail: snapshot.messages.slice(keep),
    rest: without(snapshot.rest, same),
    same,
  }
  return { body: JSON.stringify(delta), snapshot }
}

/** The whole request again; `load` gives the stored requests of the calls that it builds on. */
export async function decodeRequest(body: string, load: (callId: number) => Promise<string>): Promise<unknown> {
  return (await loadChain(body, load)).request()
}

function takeSnapshot(request: unknown, earlier: RequestSnapshot | undefined): RequestSnapshot {
  try {
    return isRecord(request) ? copyParts(request, earlier) : { field: null, messages: [], rest: jsonCopy(request) }
  } catch {
    return { field: null, messages: [], rest: '[unreadable]' }
  }
}

function copyParts(request: Record<string, unknown>, earlier: RequestSnapshot | undefined): RequestSnapshot {
  const field = FIELDS.find((name) => Array.isArray(request[name])) ?? null
  const messages = field === null ? [] : (request[field] as unknown[])
  const known = isRecord(earlier?.rest) ? earlier.rest : {}
  const rest = Object.entries(request)
    .filter(([name, value]) => name !== field && value !== undefined)
    .map(([name, value]) => [name, shared(known[name], value)])
  return {
    field,
    messages: Array.from(messages, (message, index) => shared(earlier?.messages[index], message) ?? null),
    rest: Object.fromEntries(rest),
  }
}

/** A part that equals the earlier one becomes that very object: comparing them later costs nothing. */
function shared(earlier: unknown, value: unknown): unknown {
  return earlier !== undefined && equalsJsonCopy(earlier, value) ? earlier : jsonCopy(value)
}

function equalItems(earlier: readonly unknown[], items: readonly unknown[]): number {
  const different = items.findIndex((item, index) => index >= earlier.length || item !== earlier[index])
  return different === -1 ? items.length : different
}

/** Tools and instructions are as long as many messages, and repeated as often. */
function equalFields(earlier: unknown, rest: unknown): string[] {
  if (!isRecord(earlier) || !isRecord(rest)) return []
  return Object.keys(rest).filter((name) => {
    return isLong(rest[name]) && Object.hasOwn(earlier, name) && earlier[name] === rest[name]
  })
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' ? value.length >= MIN_SHARED_LENGTH : typeof value === 'object' && value !== null
}

function without(rest: unknown, names: readonly string[]): unknown {
  if (!isRecord(rest) || names.length === 0) return rest
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !names.includes(name)))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
