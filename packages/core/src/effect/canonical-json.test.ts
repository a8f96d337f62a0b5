import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { canonicalJson } from './canonical-json.ts'

const wellFormed = fc.string({ unit: 'grapheme' })
const json = fc.jsonValue({ stringUnit: 'grapheme' })

/** What RFC 8785 asks for, said the slow way. */
function reference(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${reference(member)}`).join(',')}}`
}

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  )
}

describe('canonicalJson', () => {
  test('writes what RFC 8785 asks for, in whatever order the properties come', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(reference(value))
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))
        expect(JSON.parse(canonicalJson(value))).toEqual(normalised(value))
      }),
      { numRuns: 1_000 },
    )
  })

  test('orders many keys as few', () => {
    fc.assert(
      fc.property(fc.uniqueArray(wellFormed, { minLength: 10, maxLength: 25 }), (keys) => {
        const value = Object.fromEntries(keys.map((key, index) => [key, index]))
        expect(canonicalJson(value)).toBe(reference(value))
      }),
    )
  })

  test('gives different values different texts', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(canonicalJson(one) === canonicalJson(other)).toBe(reference(one) === reference(other))
      }),
    )
  })

  test('orders keys by UTF-16 units, as the example of RFC 8785 does', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])))
    expect(Object.keys(JSON.parse(text)).filter((key) => key !== '1')).toEqual([
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ])
    expect(text.startsWith('{"\\r":0,"1":0,')).toBe(true)
  })

  test('writes numbers as RFC 8785 shows them', () => {
    const numbers = [-0, 1e21, 1e-7, 0.000001, 4.5, 2e-3, Number('333333333.33333329'), 1e30, 5e-324, 2 ** 53 + 2]
    expect(canonicalJson(numbers)).toBe(
      '[0,1e+21,1e-7,0.000001,4.5,0.002,333333333.3333333,1e+30,5e-324,9007199254740994]',
    )
  })

  test('drops undefined properties and keeps one that is called __proto__', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
    expect(canonicalJson({ a: undefined })).toBe('{}')
    expect(canonicalJson(JSON.parse('{"z":1,"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1},"z":1}')
  })

  test('writes a date as JSON does', () => {
    expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
  })

  test('tells bytes apart by their content and not by the class that holds them', () => {
    const bytes = canonicalJson(new Uint8Array([1, 2]))
    expect(canonicalJson(Buffer.from([1, 2]))).toBe(bytes)
    expect(canonicalJson(Buffer.from([9, 1, 2, 9]).subarray(1, 3))).toBe(bytes)
    expect(canonicalJson(new Uint8Array([1, 3]))).not.toBe(bytes)
    expect(canonicalJson(new Uint16Array([513]))).not.toBe(bytes)
  })

  test('lets no object of a caller pass for bytes', () => {
    const bytes = canonicalJson(new Uint8Array([1]))
    const forged = JSON.parse(bytes)
    expect(canonicalJson(forged)).not.toBe(bytes)
    expect(canonicalJson(JSON.parse(canonicalJson(forged)))).not.toBe(canonicalJson(forged))
  })

  test('is not confused by more different keys than it remembers', () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key ${index}`, index]))
    expect(canonicalJson(wide)).toBe(reference(wide))
    expect(canonicalJson(wide)).toBe(reference(wide))
  })

  test('takes the same object twice, which is no cycle', () => {
    const shared = { a: 1 }
    expect(canonicalJson([shared, { shared }])).toBe('[{"a":1},{"shared":{"a":1}}]')
  })
})

const cyclic: { self?: unknown } = {}
cyclic.self = [cyclic]
class Money {
  toJSON(): string {
    return '1 EUR'
  }
}
const refused: [string, unknown][] = [
  ['a BigInt', 1n],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a Map', new Map()],
  ['a Set', new Set()],
  ['a cycle', cyclic],
  ['a lone surrogate', 'a\ud800'],
  ['a lone surrogate in a key', { '\udc00': 1 }],
  ['a class instance', new (class Order {})()],
  ['a class instance with toJSON', new Money()],
  ['an invalid date', new Date(Number.NaN)],
  ['a URL', new URL('https://example.com')],
  ['an error', new Error('x')],
  ['a sparse array', new Array(2)],
  ['undefined in an array', [undefined]],
  ['an ArrayBuffer', new ArrayBuffer(2)],
  [
    'a getter that throws',
    Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    }),
  ],
  ['a toJSON function on a literal', { toJSON: () => 1 }],
]

describe('canonicalJson refuses', () => {
  test.each(refused)('%s, and says where it is', (_, value) => {
    const found = caught(() => canonicalJson({ items: [0, { 'bad part': value }] }))
    expect(found.path.startsWith('items[1]["bad part"]')).toBe(true)
    expect(found.message).toContain('cannot be part of a key')
    expect(found.message).not.toMatch(/timed out|timeout/i)
  })

  test('undefined as the whole value', () => {
    expect(caught(() => canonicalJson(undefined)).path).toBe('')
  })

  test('more than 200 levels, before the stack ends', () => {
    const nest = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    expect(canonicalJson(nest(200))).toHaveLength(400)
    expect(caught(() => canonicalJson(nest(201))).reason).toContain('200')
    expect(caught(() => canonicalJson(nest(5_000))).reason).toContain('200')
  })

  test('nothing that is well formed', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        expect(JSON.parse(canonicalJson({ [text]: text }))).toEqual({ [text]: text })
      }),
    )
  })
})

function caught(run: () => unknown): NotSerializableError {
  try {
    run()
  } catch (error) {
    if (NotSerializableError.isInstance(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** -0 is written as 0. */
function normalised(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
