import type { SerializedError } from '../errors/serialized-error.ts'
import { isPlainObject } from '../util/plain-object.ts'

/** What stands where something is not shown. */
export const REDACTED = '[redacted]'

const MAX_DEPTH = 500

/** The shape of a value without what is in it: names of members and lengths of arrays stay, all else is `[redacted]`. */
export function maskedValue(value: unknown, depth: number = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return REDACTED
  if (Array.isArray(value)) return Array.from(value, (item) => maskedValue(item, depth + 1))
  // A Date, a Map, an error: what they are made of is not shown either.
  if (!isPlainObject(value)) return REDACTED
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, maskedValue(member, depth + 1)]))
}

/** What kind of error it was, without what it said and what else it carried. */
export function maskedError({ name, code, status, holdfast }: SerializedError): SerializedError {
  return {
    name,
    message: REDACTED,
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    ...(holdfast === undefined ? {} : { holdfast }),
    fields: {},
  }
}

/** The value, in which every member that `isHidden` names is `[redacted]`, at any depth. */
export function maskedMembers(value: unknown, isHidden: (name: string) => boolean, depth: number = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) return REDACTED
  const member = (name: unknown, item: unknown): [unknown, unknown] => [
    name,
    typeof name === 'string' && isHidden(name) ? REDACTED : maskedMembers(item, isHidden, depth + 1),
  ]
  if (Array.isArray(value)) return value.map((item) => maskedMembers(item, isHidden, depth + 1))
  if (value instanceof Map) return new Map(Array.from(value, ([name, item]) => member(name, item)))
  if (value instanceof Set) return new Set(Array.from(value, (item) => maskedMembers(item, isHidden, depth + 1)))
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => member(name, item)))
}
