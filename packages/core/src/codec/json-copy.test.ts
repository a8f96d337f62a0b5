import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalsJsonCopy, jsonCopy } from './json-copy.ts'

test('a copy of JSON is what JSON.parse makes of its text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(jsonCopy(value)).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('every value equals its own copy', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), (value) => {
      if (value !== undefined) expect(equalsJsonCopy(jsonCopy(value), value)).toBe(true)
    }),
  )
})

test('a value equals another one’s copy only if their copies are equal', () => {
  const value = fc.jsonValue({ maxDepth: 2 })
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(equalsJsonCopy(jsonCopy(one), other)).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)))
    }),
  )
})

test('instances of classes are copied by toJSON, else by their fields, else named', () => {
  class Point {
    x = 1
  }
  expect(jsonCopy(new Point())).toEqual({ x: 1 })
  expect(jsonCopy(new URL('https://example.com/'))).toBe('https://example.com/')
  expect(jsonCopy(new Map([[1, 2]]))).toBe('[Map]')
})

test('a __proto__ field stays a field', () => {
  const value = JSON.parse('{"__proto__": {"a": 1}}')
  expect(JSON.stringify(jsonCopy(value))).toBe('{"__proto__":{"a":1}}')
})

test('what is nested too deep ends in a text', () => {
  let value: unknown = 1
  for (let depth = 0; depth < 10_000; depth += 1) value = [value]
  expect(JSON.stringify(jsonCopy(value))).toContain('[too deep]')
})

/** The order of fields does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const)
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
}
