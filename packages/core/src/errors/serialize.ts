import { read } from './holdfast-error.ts'
import type { SerializedError } from './serialized-error.ts'

const MAX_DEPTH = 4
const MAX_ERRORS = 10
const MAX_FIELD_LENGTH = 4_096
const INHERENT = new Set(['name', 'message', 'stack', 'cause', 'errors', 'code', 'status', 'retryable'])
// What HTTP clients hang on their errors: large, cyclic, and full of credentials.
const TRANSPORT = new Set(['request', 'response', 'config', 'headers', 'options', 'agent', 'socket'])

/**
 * An error as data. Never throws, whatever was thrown: strings, null, proxies, getters that throw.
 */
export function serializeError(error: unknown): SerializedError {
  return serialize(error, 0)
}

/** The same as text, as it stands in the store. */
export function errorBody(error: unknown): string {
  return JSON.stringify(serializeError(error))
}

function serialize(error: unknown, depth: number): SerializedError {
  if (typeof error !== 'object' || error === null) return { name: 'Error', message: textOf(error), fields: {} }
  const serialized: SerializedError = {
    name: stringOf(read(error, 'name')) ?? 'Error',
    message: stringOf(read(error, 'message')) ?? textOf(error),
    fields: fieldsOf(error),
  }
  addMarks(error, serialized)
  addWrapped(error, serialized, depth)
  return serialized
}

function addMarks(error: object, serialized: SerializedError): void {
  const code = read(error, 'code')
  if (typeof code === 'string' || typeof code === 'number') serialized.code = code
  const status = read(error, 'status')
  if (typeof status === 'number') serialized.status = status
  const stack = stringOf(read(error, 'stack'))
  if (stack !== undefined) serialized.stack = stack
  if (read(error, Symbol.for('holdfast.error')) !== true || typeof code !== 'string') return
  serialized.holdfast = code
  const shown = plain(attempt(() => (error as { toJSON(): unknown }).toJSON()))
  if (typeof shown === 'object' && shown !== null) serialized.public = shown as Record<string, unknown>
}

function addWrapped(error: object, serialized: SerializedError, depth: number): void {
  if (depth >= MAX_DEPTH) return
  const cause = read(error, 'cause')
  if (cause !== undefined) serialized.cause = serialize(cause, depth + 1)
  const errors = attempt(() => Array.from(read(error, 'errors') as unknown[]).slice(0, MAX_ERRORS))
  if (Array.isArray(read(error, 'errors')) && errors) {
    serialized.errors = errors.map((one) => serialize(one, depth + 1))
  }
}

function fieldsOf(error: object): Record<string, unknown> {
  const names = attempt(() => Object.keys(error)) ?? []
  const kept = names.filter((name) => !INHERENT.has(name) && !TRANSPORT.has(name))
  const pairs = kept.map((name) => [name, plain(read(error, name))] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined))
}

/** The value as JSON gives it back, or undefined if JSON cannot hold it or it is too long. */
function plain(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  const text = attempt(() => JSON.stringify(value))
  return text === undefined || text.length > MAX_FIELD_LENGTH ? undefined : JSON.parse(text)
}

function textOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return attempt(() => String(thrown)) ?? 'unreadable'
  const json = attempt(() => JSON.stringify(thrown))
  return json?.slice(0, MAX_FIELD_LENGTH) ?? attempt(() => String(thrown)) ?? 'unreadable'
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
