import { Buffer } from 'node:buffer'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { Refusal } from '../util/refusal.ts'
import { isPlainJson } from './plain-json.ts'
import { cannotOpen, isSealed } from './sealed-text.ts'
import { TAG, untag } from './tags.ts'
import { toJsonValue } from './to-json-value.ts'

// From its rarest character on: that makes the search several times faster than with the opening quote.
const TAG_IN_TEXT = `${TAG}":`
const MAX_BYTES_PER_UNIT = 3

/**
 * A value as text that gives it back: JSON, where that is enough, and tags for Date, bytes, undefined,
 * BigInt, NaN, ±Infinity, -0, Map, Set, URL and Error.
 *
 * An undefined property is dropped, a hole in an array becomes undefined, an instance with `toJSON` becomes
 * what that returns. Anything else that cannot come back throws `NotSerializableError`: an instance without it, also
 * of a class derived from Array, what an array has beside its elements (the match of a regular expression), a name
 * that is a symbol. So does a text of more than `limitBytes`.
 */
export function encodeValue(value: unknown, limitBytes: number = Number.POSITIVE_INFINITY): string {
  return withinLimit(value, textOf(value), limitBytes)
}

/** The same for a value whose JSON text is known already, whatever the order of its members. */
export function encodeKnown(value: unknown, json: string, limitBytes: number): string {
  return isSurelyPlain(value) ? withinLimit(value, json, limitBytes) : encodeValue(value, limitBytes)
}

function withinLimit(value: unknown, text: string, limitBytes: number): string {
  // Counting bytes costs a pass over the text; most are far below the limit.
  if (text.length * MAX_BYTES_PER_UNIT > limitBytes) refuseTooLarge(value, text, limitBytes)
  return text
}

/** What `encodeValue` was given. Throws `ConfigError` for what is still sealed, and for what was dropped (`record: 'hash'`). */
export function decodeValue(text: string): unknown {
  if (isSealed(text)) throw cannotOpen(text)
  const json: unknown = JSON.parse(text)
  return text.includes(TAG_IN_TEXT) ? untag(json) : json
}

/** Whether a stored value is JSON and nothing else, which always can be decoded. */
export function isPlainText(text: string): boolean {
  return !isSealed(text) && !text.includes(TAG_IN_TEXT)
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(isSurelyPlain(value) ? value : toJsonValue(value, []))
  } catch (thrown) {
    const { path, reason } = Refusal.from(thrown)
    throw new NotSerializableError({ path, reason, value })
  }
}

/** A getter or proxy that throws is left to the careful path, which knows where it stands. */
function isSurelyPlain(value: unknown): boolean {
  try {
    return isPlainJson(value)
  } catch {
    return false
  }
}

function refuseTooLarge(value: unknown, text: string, limitBytes: number): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= limitBytes) return
  const reason = `it takes ${bytes} bytes, and the limit is ${limitBytes} (maxValueBytes)`
  throw new NotSerializableError({ path: '', reason, value })
}
