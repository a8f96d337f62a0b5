import { jsonCopy } from '../codec/json-copy.ts'
import { encodeValue } from '../codec/value-codec.ts'
import { isHashOnly } from '../config/shown-value.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import { withoutStacks } from '../errors/without-stacks.ts'
import type { Body } from '../store/records.ts'
import { UNREADABLE } from './read-body.ts'
import type { StoredValue } from './run-export.ts'

/** The body as plain JSON, tags and all. Never throws. */
export function storedValue(body: Body): StoredValue {
  try {
    return JSON.parse(body) as StoredValue
  } catch {
    return UNREADABLE
  }
}

/** The body for an export: errors in it keep their tags and lose their stacks. Never throws. */
export function exportedValue(body: Body): StoredValue {
  const value = storedValue(body)
  return body.includes('"stack":') ? stackless(value) : value
}

function stackless(value: StoredValue): StoredValue {
  if (Array.isArray(value)) return value.map(stackless)
  if (!isRecord(value)) return value
  if (value.$hf === 'error' && isRecord(value.value)) return { $hf: 'error', value: stacklessError(value.value) }
  // In this tag is an object of the user's own that looks like one.
  if (value.$hf === 'object' && isRecord(value.value)) return { $hf: 'object', value: stacklessMembers(value.value) }
  return stacklessMembers(value)
}

function stacklessMembers(value: { readonly [name: string]: StoredValue }): StoredValue {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, stackless(member)]))
}

/** A value as it would be stored, for an export. Never throws: what cannot be stored becomes a text that says so. */
export function asStored(value: unknown): StoredValue {
  if (isHashOnly(value)) return { ...value }
  try {
    return exportedValue(encodeValue(value))
  } catch {
    return jsonCopy(value) as StoredValue
  }
}

function stacklessError(error: { readonly [name: string]: StoredValue }): StoredValue {
  return withoutStacks(error as unknown as SerializedError) as unknown as StoredValue
}

function isRecord(value: StoredValue | undefined): value is { readonly [name: string]: StoredValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
