import { isPlainObject } from '../../util/plain-object.ts'
import type { Body } from '../records.ts'

/**
 * The names under which the contract has its bodies, in all verbs and records; a text under any other name is none.
 * A test holds the contract to that, so that a new body cannot be forgotten here.
 */
export const BODY_NAMES: ReadonlySet<string> = new Set([
  'args',
  'body',
  'error',
  'halt',
  'input',
  'note',
  'original',
  'output',
  'request',
  'response',
  'result',
  'token',
  'undoError',
  'usage',
])

/** The same value with all its bodies changed; whatever has none in it stays the very same object. */
export function mapBodies<T>(value: T, change: (body: Body) => Body): T {
  return mapped(value, change) as T
}

function mapped(value: unknown, change: (body: Body) => Body): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return mappedItems(value, change)
  return isPlainObject(value) ? mappedMembers(value, change) : value
}

function mappedItems(items: readonly unknown[], change: (body: Body) => Body): readonly unknown[] {
  const changed = items.map((item) => mapped(item, change))
  return changed.some((item, index) => item !== items[index]) ? changed : items
}

function mappedMembers(record: Record<string, unknown>, change: (body: Body) => Body): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined
  for (const name of Object.keys(record)) {
    const member = record[name]
    const isBody = typeof member === 'string' && BODY_NAMES.has(name)
    const next = isBody ? change(member) : mapped(member, change)
    if (next === member) continue
    copy ??= { ...record }
    copy[name] = next
  }
  return copy ?? record
}
