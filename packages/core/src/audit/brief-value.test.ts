import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeValue } from '../codec/value-codec.ts'
import { briefValue } from './brief-value.ts'
import { durationText } from './duration-text.ts'
import type { StoredValue } from './run-export.ts'

const stored = (value: unknown): StoredValue => JSON.parse(encodeValue(value))

test.each([
  [{ a: 1, b: 'x', c: [true, null] }, '{ a: 1, b: "x", c: [true, null] }'],
  [{}, '{}'],
  [[], '[]'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(Number.NaN), 'an invalid date'],
  [12n, '12n'],
  [Number.NaN, 'NaN'],
  [[undefined], '[undefined]'],
  [new URL('https://example.com/'), 'https://example.com/'],
  ['line\nbreak', '"line\\nbreak"'],
])('%s is shown as %s', (value, text) => {
  expect(briefValue(stored(value), 60)).toBe(text)
})

test('any value takes one line of no more than what it is given', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 80 }), (value, max) => {
      const text = briefValue(value as StoredValue, max)
      expect(text.length).toBeLessThanOrEqual(max)
      expect(text).not.toMatch(/\p{Cc}/u)
    }),
  )
})

test('what is cut ends in an ellipsis, and never in half a character', () => {
  expect(briefValue('abcdefgh', 5)).toBe('"abc…')
  expect(briefValue('ab😀😀', 5)).toBe('"ab…')
  expect(
    briefValue(
      Array.from({ length: 1_000_000 }, () => 1),
      10,
    ),
  ).toBe('[1, 1, 1,…')
})

test.each([
  [-5, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.00 s'],
  [59_999, '59.99 s'],
  [60_000, '1 min 0 s'],
  [3_599_999, '59 min 59 s'],
  [11_400_000, '3 h 10 min'],
  [187_200_000, '2 d 4 h'],
])('%d ms is said as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})
