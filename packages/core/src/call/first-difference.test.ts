import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstDifference } from './first-difference.ts'

describe('firstDifference', () => {
  test.each([
    [
      'a changed text',
      { messages: [{ content: 'a' }, { content: 'b' }] },
      { messages: [{ content: 'a' }, { content: 'c' }] },
      'messages[1].content',
      'b',
      'c',
    ],
    ['a new message', { messages: [1] }, { messages: [1, 2] }, 'messages[1]', undefined, 2],
    ['a property that went', { a: { 'b c': 1 } }, { a: {} }, 'a["b c"]', 1, undefined],
    ['another type', [1], { 0: 1 }, '', [1], { 0: 1 }],
    ['null for an object', { a: {} }, { a: null }, 'a', {}, null],
    ['the whole value', 'a', 'b', '', 'a', 'b'],
    [
      'a date that was recorded as text',
      { at: '1970-01-01T00:00:00.000Z' },
      { at: new Date(1) },
      'at',
      '1970-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.001Z',
    ],
  ])('tells of %s', (_, expected, actual, path, before, after) => {
    expect(firstDifference(expected, actual)).toEqual({ path, expected: before, actual: after })
  })

  test.each([
    ['undefined properties', { a: 1, b: undefined }, { a: 1 }],
    ['the order of properties', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['the sign of zero', [0], [-0]],
    ['functions, which JSON does not have', { onToken: () => 1 }, {}],
    ['a date and its text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ])('does not mind %s', (_, expected, actual) => {
    expect(firstDifference(expected, actual)).toBeUndefined()
  })

  test('finds a difference exactly where JSON shows one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(firstDifference(one, structuredClone(one))).toBeUndefined()
        expect(firstDifference(one, other) === undefined).toBe(sorted(one) === sorted(other))
      }),
    )
  })

  test('ends on cycles and hostile values', () => {
    const one: { self?: unknown; end: number } = { end: 1 }
    one.self = one
    const other: { self?: unknown; end: number } = { end: 1 }
    other.self = other
    expect(firstDifference(one, other)).toBeUndefined()
    const hostile = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    expect(firstDifference(hostile, { x: 1 })?.path).toBe('x')
  })
})

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  )
}
