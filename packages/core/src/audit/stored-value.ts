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

/** `{ [name]: value }`, or nothing if nothing is stored: in JSON, null is a value. */
export function valueField<Name extends string>(name: Name, body: Body | null): { readonly [N in Name]?: StoredValue } {
  return (body === null ? {} : { [name]: storedValue(body) }) as { readonly [N in Name]?: StoredValue }
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
