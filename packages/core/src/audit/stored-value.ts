import type { SerializedError } from '../errors/serialized-error.ts'
import type { Body } from '../store/records.ts'
import { UNREADABLE } from './read-body.ts'
import type { ExportedError, StoredValue } from './run-export.ts'

/** The body as plain JSON, tags and all. Never throws. */
export function storedValue(body: Body): StoredValue {
  try {
    return JSON.parse(body) as StoredValue
  } catch {
    return UNREADABLE
  }
}

/** The body for an export: errors in it keep their tags and lose their stacks. Never throws. */
function exportedValue(body: Body): StoredValue {
  const value = storedValue(body)
  return body.includes('"stack":') ? stackless(value) : value
}

function stackless(value: StoredValue): StoredValue {
  if (Array.isArray(value)) return value.map(stackless)
  if (!isRecord(value)) return value
  if (value.$hf === 'error') return { $hf: 'error', value: exportedError(value) as unknown as StoredValue }
  // In this tag is an object of the user's own that looks like one.
  if (value.$hf === 'object' && isRecord(value.value)) return { $hf: 'object', value: stacklessMembers(value.value) }
  return stacklessMembers(value)
}

function stacklessMembers(value: { readonly [name: string]: StoredValue }): StoredValue {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, stackless(member)]))
}

/** `{ [name]: value }`, or nothing if nothing is stored: in JSON, null is a value. */
export function valueField<Name extends string>(name: Name, body: Body | null): { readonly [N in Name]?: StoredValue } {
  return (body === null ? {} : { [name]: exportedValue(body) }) as { readonly [N in Name]?: StoredValue }
}

/** `{ [name]: error }`, or nothing. */
export function errorField<Name extends string>(
  name: Name,
  body: Body | null,
): { readonly [N in Name]?: ExportedError } {
  return (body === null ? {} : { [name]: exportedError(storedValue(body)) }) as { readonly [N in Name]?: ExportedError }
}

/** `{ detail }` of an entry: an error in it is exported as errors are. */
export function detailField(body: Body | null): { readonly detail?: StoredValue } {
  if (body === null) return {}
  const detail = storedValue(body)
  if (!isRecord(detail) || !isRecord(detail.error)) return { detail }
  return { detail: { ...detail, error: exportedError(detail.error) as unknown as StoredValue } }
}

function exportedError(value: StoredValue): ExportedError {
  if (!isRecord(value)) return { name: 'Error', message: String(value), fields: {} }
  // An error inside a value is tagged; one that is stored for itself is not.
  const error = value.$hf === 'error' && isRecord(value.value) ? value.value : value
  return withoutStacks(error as unknown as SerializedError)
}

function withoutStacks({ stack: _, cause, errors, ...error }: SerializedError): ExportedError {
  return {
    ...error,
    ...(cause === undefined ? {} : { cause: withoutStacks(cause) as SerializedError }),
    ...(errors === undefined ? {} : { errors: errors.map((one) => withoutStacks(one) as SerializedError) }),
  }
}

function isRecord(value: StoredValue | undefined): value is { readonly [name: string]: StoredValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
