import { isPlainObject } from '../util/plain-object.ts'

const MAX_DEPTH = 200

/**
 * The value as JSON would send it, copied: later changes of the original do not reach it. Never throws.
 *
 * What JSON cannot hold becomes a text that says so: `[function]`, `[AbortSignal]`, `[Uint8Array: 12 bytes]`.
 */
export function jsonCopy(value: unknown): unknown {
  return copy(value, [])
}

/** Whether `jsonCopy(value)` would deeply equal the copy made earlier. Costs a walk, but copies nothing. */
export function equalsJsonCopy(earlier: unknown, value: unknown): boolean {
  try {
    return equals(earlier, value, 0)
  } catch {
    return false
  }
}

function copy(value: unknown, ancestors: readonly object[]): unknown {
  if (typeof value !== 'object' || value === null) return copyPrimitive(value)
  if (ancestors.includes(value)) return '[circular]'
  if (ancestors.length >= MAX_DEPTH) return '[too deep]'
  try {
    return copyObject(value, [...ancestors, value])
  } catch {
    return '[unreadable]'
  }
}

function copyPrimitive(value: unknown): unknown {
  if (typeof value === 'function') return '[function]'
  if (typeof value === 'symbol') return '[symbol]'
  if (typeof value === 'bigint') return `[bigint: ${value}]`
  if (typeof value === 'number' && !Number.isFinite(value)) return `[${value}]`
  return Object.is(value, -0) ? 0 : value
}

function copyObject(value: object, ancestors: readonly object[]): unknown {
  if (Array.isArray(value)) return Array.from(value, (item) => copy(item, ancestors) ?? null)
  if (ArrayBuffer.isView(value)) return `[${nameOf(value)}: ${value.byteLength} bytes]`
  if ('toJSON' in value && typeof value.toJSON === 'function') return copy(value.toJSON(), ancestors)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  if (entries.length === 0 && !isPlainObject(value)) return `[${nameOf(value)}]`
  return Object.fromEntries(entries.map(([key, item]) => [key, copy(item, ancestors)]))
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'object'
}

function equals(earlier: unknown, value: unknown, depth: number): boolean {
  if (!isObject(value)) return earlier === copyPrimitive(value)
  if (!isSimple(value) || depth > MAX_DEPTH) return JSON.stringify(earlier) === JSON.stringify(jsonCopy(value))
  if (!isObject(earlier)) return false
  return Array.isArray(value) ? equalItems(earlier, value, depth) : equalFields(earlier, value, depth)
}

function equalItems(earlier: object, value: readonly unknown[], depth: number): boolean {
  if (!Array.isArray(earlier) || earlier.length !== value.length) return false
  return earlier.every((item, index) => equals(item, value[index] ?? null, depth + 1))
}

function equalFields(earlier: object, value: object, depth: number): boolean {
  if (Array.isArray(earlier)) return false
  const fields = earlier as Record<string, unknown>
  let count = 0
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    if (!Object.hasOwn(fields, key) || !equals(fields[key], item, depth + 1)) return false
    count += 1
  }
  return count === Object.keys(fields).length
}

/** Whether a copy of this has just its items or fields. */
function isSimple(value: object): boolean {
  return Array.isArray(value) || (isPlainObject(value) && !('toJSON' in value))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
