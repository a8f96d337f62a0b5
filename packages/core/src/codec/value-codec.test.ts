import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { decodeValue, encodeValue } from './value-codec.ts'

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(null, undefined, true, -0, '\ud800', '$hf', new URL('https://example.com/a?b=c#d')),
)
const anyValue = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('node')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$hf', 'value', '__proto__', 'constructor')), tie('node')),
    fc.array(fc.tuple(tie('node'), tie('node'))).map((pairs) => new Map(pairs)),
    fc.array(tie('node')).map((items) => new Set(items)),
    fc.record({ $hf: fc.constantFrom('date', 'object', 'undefined', 'nonsense'), value: tie('node') }),
  ),
})).node

describe('the value codec', () => {
  test('gives back what it was given', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeValue(encodeValue(value))).toEqual(expectation(value))
        expect(encodeValue(decodeValue(encodeValue(value)))).toBe(encodeValue(value))
      }),
      { numRuns: 2_000 },
    )
  })

  test('gives different values different texts', () => {
    const alike = [
      undefined,
      null,
      'undefined',
      0,
      -0,
      Number.NaN,
      'NaN',
      0n,
      '0',
      new Date(0),
      [],
      {},
      new Set(),
      new Map(),
      new Uint8Array(),
      Buffer.alloc(0),
      [undefined],
      [null],
      { $hf: 'undefined', value: null },
    ]
    expect(new Set(alike.map((value) => encodeValue(value))).size).toBe(alike.length)
  })

  test('writes plain JSON exactly as JSON.stringify does, however deep', () => {
    const deep = JSON.parse(`${'{"a":['.repeat(100)}1${']}'.repeat(100)}`)
    for (const value of [deep, { b: 1, a: undefined, 2: 'x' }, 'a\ud800', [{ __proto__: null }]]) {
      expect(encodeValue(value)).toBe(JSON.stringify(value))
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('-0'))
        if (!hasMinusZero(value)) expect(encodeValue(value)).toBe(JSON.stringify(value))
      }),
    )
  })

  test('keeps the class of bytes', () => {
    const decoded = decodeValue(encodeValue([Buffer.from('a'), new Uint8Array([1])])) as unknown[]
    expect(Buffer.isBuffer(decoded[0])).toBe(true)
    expect(Buffer.isBuffer(decoded[1])).toBe(false)
    expect(decoded[1]).toBeInstanceOf(Uint8Array)
  })

  test('lets no text of a user become another prototype', () => {
    const value = JSON.parse('{"__proto__":{"admin":true},"at":1}')
    const decoded = decodeValue(
      encodeValue({ ...value, date: new Date(0), ...JSON.parse('{"__proto__":{"admin":true}}') }),
    )
    expect((decoded as { admin?: boolean }).admin).toBeUndefined()
    expect((decodeValue(encodeValue([value, 1n])) as { admin?: boolean }[])[0]?.admin).toBeUndefined()
  })

  test('keeps name, message, fields and cause of an error', () => {
    const error = Object.assign(new TypeError('bad', { cause: new Error('inner') }), { retries: 2 })
    const decoded = decodeValue(encodeValue({ error })) as { error: TypeError & { retries: number } }
    expect(decoded.error).toBeInstanceOf(TypeError)
    expect([decoded.error.message, decoded.error.retries, (decoded.error.cause as Error).message]).toEqual([
      'bad',
      2,
      'inner',
    ])
  })

  test('keeps one of our own errors recognisable', () => {
    const decoded = decodeValue(encodeValue(new LeaseLostError({ runId: 'r' })))
    expect(LeaseLostError.isInstance(decoded) && decoded.runId).toBe('r')
    expect(HoldfastError.isInstance(decoded)).toBe(true)
  })

  test('stores an instance as what its toJSON returns', () => {
    class Money {
      toJSON(): unknown {
        return { cents: 5n }
      }
    }
    expect(decodeValue(encodeValue([new Money()]))).toEqual([{ cents: 5n }])
  })
})

const cyclic: Record<string, unknown> = {}
cyclic.one = cyclic
cyclic.other = cyclic

describe('the value codec refuses', () => {
  test.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a cycle', cyclic],
    ['a class instance', new (class Order {})()],
    ['a regular expression', /x/],
    ['a promise', Promise.resolve()],
    ['a boxed string', Object('x')],
    ['a typed array that is not bytes', new Float32Array(1)],
    ['rows of a class derived from Array', new (class Rows extends Array {})()],
    ['the match of a regular expression, which has more than its elements', /b/.exec('abc')],
    ['a name that is a symbol', { [Symbol('s')]: 1, a: 2 }],
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('no')
        },
      }),
    ],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no')
        },
      },
    ],
    ['a revoked proxy', revoked()],
  ])('%s, and says where it is', (_, value) => {
    const live = { items: [1, { part: value }] }
    const error = caught(() => encodeValue(live))
    expect(error.path.startsWith('items[1].part')).toBe(true)
    expect(error.value).toBe(live)
    expect(Object.keys(error)).not.toContain('value')
  })

  test('what is nested too deep, without ending the stack', () => {
    expect(caught(() => encodeValue(JSON.parse('['.repeat(3_000) + ']'.repeat(3_000)))).reason).toContain('deep')
  })

  test('more bytes than the limit, and says both sizes', () => {
    expect(encodeValue('é', 4)).toBe('"é"')
    const error = caught(() => encodeValue('é', 3))
    expect(error.reason).toContain('4 bytes')
    expect(error.reason).toContain('limit is 3')
    expect(error.value).toBe('é')
  })

  test('nothing without a typed error, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withSparseArray: true,
          withNullPrototype: true,
          withBoxedValues: true,
          withObjectString: true,
        }),
        (value) => {
          try {
            decodeValue(encodeValue(value))
          } catch (error) {
            expect(NotSerializableError.isInstance(error)).toBe(true)
          }
        },
      ),
    )
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function caught(run: () => unknown): NotSerializableError {
  try {
    run()
  } catch (error) {
    if (NotSerializableError.isInstance(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The value as it comes back: without undefined properties. */
function expectation(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expectation)
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [expectation(key), expectation(member)]))
  if (value instanceof Set) return new Set([...value].map(expectation))
  if (typeof value !== 'object' || value === null || ![Object.prototype, null].includes(Object.getPrototypeOf(value)))
    return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([key, member]) => [key, expectation(member)]))
}

function hasMinusZero(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0)
  return Object.values(value).some(hasMinusZero)
}
