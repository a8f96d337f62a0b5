import { types } from 'node:util'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { classNameOf } from '../util/class-name.ts'
import { sha256Hex } from '../util/hash.ts'
import { isPlainObject } from '../util/plain-object.ts'
import { Refusal } from '../util/refusal.ts'
import { isWellFormed } from '../util/well-formed.ts'

const MAX_DEPTH = 200
const RESERVED = '$holdfast.'
const MAX_CACHED_KEYS = 2_000
const MAX_CACHED_KEY_LENGTH = 64
const MAX_INSERTED_KEYS = 16

/** Keys as they are written, by key: there are few, and quoting them is a third of the work. */
const quotedKeys = new Map<string, string>()

/**
 * The one JSON text of a value (RFC 8785), for keys: equal values have equal texts, different values different ones.
 *
 * Dates are their ISO text, bytes a tagged hash, undefined properties absent. What JSON would lose or
 * confuse is refused with `NotSerializableError`.
 */
export function canonicalJson(value: unknown): string {
  try {
    return write(value, [])
  } catch (thrown) {
    const { path, reason } = Refusal.from(thrown)
    throw new NotSerializableError({ path, reason, message: messageOf(path, reason) })
  }
}

function messageOf(path: string, reason: string): string {
  const place = path === '' ? 'The value' : `The value at ${path}`
  return `${place} cannot be part of a key: ${reason}. Nothing was started. Pass plain data, or choose the parts that matter with key, keys or resource.`
}

function write(value: unknown, ancestors: object[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      if (!Number.isFinite(value)) throw new Refusal(`${value} is not a JSON number`)
      // JavaScript's own shortest form is the one that RFC 8785 asks for; it writes -0 as 0.
      return String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : writeObject(value, ancestors)
    case 'undefined':
      throw new Refusal('undefined has no JSON form')
    default:
      throw new Refusal(`a ${typeof value} has no JSON form`)
  }
}

function writeObject(value: object, ancestors: object[]): string {
  if (ancestors.includes(value)) throw new Refusal('it contains itself')
  if (ancestors.length >= MAX_DEPTH) throw new Refusal(`it is nested more than ${MAX_DEPTH} deep`)
  if (Array.isArray(value)) return writeArray(value, ancestors)
  if (isPlainObject(value)) return writeMembers(value, ancestors)
  if (types.isDate(value)) return write(value.toJSON() ?? Number.NaN, ancestors)
  if (ArrayBuffer.isView(value)) return bytes(value)
  throw new Refusal(`an instance of ${classNameOf(value)} has no JSON form that keeps all of it`)
}

function writeArray(value: unknown[], ancestors: object[]): string {
  ancestors.push(value)
  let text = '['
  for (let index = 0; index < value.length; index++) {
    try {
      text += (index === 0 ? '' : ',') + write(value[index], ancestors)
    } catch (thrown) {
      throw Refusal.at(thrown, index)
    }
  }
  ancestors.pop()
  return `${text}]`
}

function writeMembers(value: Record<string, unknown>, ancestors: object[]): string {
  ancestors.push(value)
  let text = ''
  for (const key of sortedKeys(value)) {
    try {
      const member = value[key]
      if (member === undefined) continue
      text += `${text === '' ? '{' : ','}${quoteKey(key)}:${write(member, ancestors)}`
    } catch (thrown) {
      throw Refusal.at(thrown, key)
    }
  }
  ancestors.pop()
  return text === '' ? '{}' : `${text}}`
}

/** By UTF-16 units, as `>` and `sort` compare. A few are put in order by insertion, in a third of the time. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value)
  if (keys.length > MAX_INSERTED_KEYS) return keys.sort()
  for (let index = 1; index < keys.length; index++) {
    const key = keys[index] as string
    let place = index
    for (; place > 0 && (keys[place - 1] as string) > key; place--) keys[place] = keys[place - 1] as string
    keys[place] = key
  }
  return keys
}

function quote(text: string): string {
  const quoted = JSON.stringify(text)
  // A lone surrogate is escaped, so that only a text that grew can have one.
  if (quoted.length !== text.length + 2 && !isWellFormed(text)) throw new Refusal('a lone surrogate has no UTF-8 form')
  return quoted
}

function quoteKey(key: string): string {
  const cached = quotedKeys.get(key)
  if (cached !== undefined) return cached
  // Doubling the prefix keeps a caller's own `$holdfast.` key from looking like our tag.
  const quoted = quote(key.startsWith(RESERVED) ? RESERVED + key : key)
  if (quotedKeys.size >= MAX_CACHED_KEYS) quotedKeys.clear()
  if (key.length <= MAX_CACHED_KEY_LENGTH) quotedKeys.set(key, quoted)
  return quoted
}

function bytes(view: ArrayBufferView): string {
  // A Buffer is a Uint8Array: which of the two holds the bytes must not make another key.
  const type = view instanceof Uint8Array ? 'Uint8Array' : classNameOf(view)
  const content = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return `{"${RESERVED}bytes":"${type}:${view.byteLength}:${sha256Hex(content)}"}`
}
