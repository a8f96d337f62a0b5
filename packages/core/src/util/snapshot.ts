import { isPlainObject } from './plain-object.ts'

/** The parts of a value in the order of a walk: containers and leaves by identity, keys, sizes. */
export type Snapshot = readonly unknown[]

const MAX_DEPTH = 100

/**
 * Remembers what a value is made of, so that a later look costs its number of parts and not its bytes;
 * undefined if it has parts that may change out of sight (bytes, dates, instances).
 */
export function takeSnapshot(value: unknown): Snapshot | undefined {
  const parts: unknown[] = []
  return record(value, parts, 0) ? parts : undefined
}

/** Whether the value is still made of the very same parts. */
export function isUnchanged(snapshot: Snapshot, value: unknown): boolean {
  return compare(value, snapshot, 0) === snapshot.length
}

function record(value: unknown, parts: unknown[], depth: number): boolean {
  parts.push(value)
  if (!isContainer(value)) return true
  // Deeper than any message is, or a cycle.
  if (depth >= MAX_DEPTH) return false
  if (Array.isArray(value)) {
    parts.push(value.length)
    return value.every((item) => record(item, parts, depth + 1))
  }
  if (!isPlainObject(value) || typeof value.toJSON === 'function') return false
  const keys = Object.keys(value)
  parts.push(keys.length)
  return keys.every((key) => {
    parts.push(key)
    return record(value[key], parts, depth + 1)
  })
}

/** The position after this value in the snapshot, or -1 at the first difference. Written for speed: it sees all messages of each call. */
function compare(value: unknown, snapshot: Snapshot, start: number): number {
  if (!Object.is(snapshot[start], value)) return -1
  if (!isContainer(value)) return start + 1
  return Array.isArray(value) ? compareItems(value, snapshot, start + 1) : compareFields(value, snapshot, start + 1)
}

function compareItems(items: readonly unknown[], snapshot: Snapshot, start: number): number {
  if (snapshot[start] !== items.length) return -1
  let position = start + 1
  for (let index = 0; index < items.length && position > 0; index++)
    position = compare(items[index], snapshot, position)
  return position
}

function compareFields(value: object, snapshot: Snapshot, start: number): number {
  let missing = snapshot[start] as number
  let position = start + 1
  // A plain object: what it inherits is not enumerable.
  for (const key in value) {
    if (snapshot[position] !== key) return -1
    position = compare((value as Record<string, unknown>)[key], snapshot, position + 1)
    if (position < 0) return -1
    missing--
  }
  return missing === 0 ? position : -1
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
