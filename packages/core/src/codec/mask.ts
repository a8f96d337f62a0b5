import { reviveError } from '../errors/revive.ts'
import { serializeError } from '../errors/serialize.ts'
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

type IsHidden = (name: string) => boolean

/** The value, in which every member that `isHidden` names is `[redacted]`, at any depth. */
export function maskedMembers(value: unknown, isHidden: IsHidden, depth: number = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) return REDACTED
  const member = (name: unknown, item: unknown): [unknown, unknown] => [
    name,
    typeof name === 'string' && isHidden(name) ? REDACTED : maskedMembers(item, isHidden, depth + 1),
  ]
  if (Array.isArray(value)) return value.map((item) => maskedMembers(item, isHidden, depth + 1))
  if (value instanceof Map) return new Map(Array.from(value, ([name, item]) => member(name, item)))
  if (value instanceof Set) return new Set(Array.from(value, (item) => maskedMembers(item, isHidden, depth + 1)))
  if (value instanceof Error) return reviveError(maskedFields(serializeError(value), isHidden, depth))
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => member(name, item)))
}

/** Through its form in the store, as which it is shown anyway: a copy of the object would lack what its class keeps private. */
function maskedFields(error: SerializedError, isHidden: IsHidden, depth: number): SerializedError {
  const { name, message, code, status, stack, fields, cause, errors, holdfast, public: shown } = error
  const within = (one: SerializedError) => maskedFields(one, isHidden, depth + 1)
  const members = (one: Record<string, unknown>) => maskedMembers(one, isHidden, depth + 1) as Record<string, unknown>
  // A stack begins with the message.
  const said = isHidden('message') ? { message: REDACTED } : { message, ...(stack === undefined ? {} : { stack }) }
  return {
    ...{ name, ...said, fields: members(fields) },
    ...(code === undefined ? {} : { code: isHidden('code') ? REDACTED : code }),
    ...(status === undefined || isHidden('status') ? {} : { status }),
    ...(holdfast === undefined ? {} : { holdfast }),
    ...(shown === undefined ? {} : { public: members(shown) }),
    ...(cause === undefined || isHidden('cause') ? {} : { cause: within(cause) }),
    ...(errors === undefined || isHidden('errors') ? {} : { errors: errors.map(within) }),
  }
}
