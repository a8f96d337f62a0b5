import { childPath } from '../util/json-path.ts'

/** Where two values part, and what each has there. */
export interface Difference {
  /** `messages[2].content`; empty for the values themselves. */
  path: string
  expected: unknown
  actual: unknown
}

const MAX_DEPTH = 100

/** The first place where two requests differ as JSON would show them: an absent and an undefined property are the same. */
export function firstDifference(expected: unknown, actual: unknown): Difference | undefined {
  return compare(asJson(expected), asJson(actual), '', 0)
}

function compare(expected: unknown, actual: unknown, path: string, depth: number): Difference | undefined {
  if (Object.is(expected, actual)) return undefined
  const different = { path, expected, actual }
  if (!isObject(expected) || !isObject(actual)) return expected === actual ? undefined : different
  if (Array.isArray(expected) !== Array.isArray(actual)) return different
  // Deeper than any request is, or a cycle: nothing more to tell.
  if (depth >= MAX_DEPTH) return undefined
  for (const key of stepsOf(expected, actual)) {
    const difference = compare(member(expected, key), member(actual, key), childPath(path, key), depth + 1)
    if (difference) return difference
  }
  return undefined
}

function stepsOf(expected: object, actual: object): Iterable<string | number> {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return Array.from({ length: Math.max(expected.length, actual.length) }, (_, index) => index)
  }
  return new Set([...Object.keys(expected), ...Object.keys(actual)])
}

function member(parent: object, key: string | number): unknown {
  try {
    return asJson((parent as Record<string | number, unknown>)[key])
  } catch {
    return undefined
  }
}

/** Functions have no JSON form; what has a `toJSON` is what that gives. */
function asJson(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (!isObject(value)) return value
  try {
    const toJson: unknown = (value as { toJSON?: unknown }).toJSON
    return typeof toJson === 'function' ? toJson.call(value, '') : value
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
