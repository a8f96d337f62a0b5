import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reviveError } from './revive.ts'
import { serializeError } from './serialize.ts'
import type { SerializedError } from './serialized-error.ts'

const roundTrip = (error: unknown): Error & Record<string, unknown> =>
  reviveError(JSON.parse(JSON.stringify(serializeError(error)))) as Error & Record<string, unknown>

const hostile = new Proxy(new Error('x'), {
  get: () => {
    throw new Error('no')
  },
  ownKeys: () => {
    throw new Error('no')
  },
})

describe('an error that was stored', () => {
  test('comes back with name, message, code, status, fields and cause', () => {
    const cause = Object.assign(new Error('socket'), { code: 'ECONNRESET' })
    const error = Object.assign(new Error('refused', { cause }), {
      name: 'CardError',
      code: 4,
      status: 402,
      decline: { reason: 'funds' },
    })
    const revived = roundTrip(error)
    expect(revived).toBeInstanceOf(Error)
    expect(revived).toMatchObject({
      name: 'CardError',
      message: 'refused',
      code: 4,
      status: 402,
      decline: { reason: 'funds' },
    })
    expect(revived.cause).toMatchObject({ message: 'socket', code: 'ECONNRESET' })
    expect(revived.stack).toBe(error.stack)
  })

  test('is an instance of its built-in class, and an aggregate keeps its errors', () => {
    expect(roundTrip(new TypeError('x'))).toBeInstanceOf(TypeError)
    const revived = roundTrip(new AggregateError([new TypeError('a'), 'b'], 'both'))
    expect(revived).toBeInstanceOf(AggregateError)
    expect((revived as unknown as AggregateError).errors.map((one: Error) => [one.name, one.message])).toEqual([
      ['TypeError', 'a'],
      ['Error', 'b'],
    ])
  })

  test('keeps a name that only its class carries', () => {
    class CardError extends Error {
      override get name(): string {
        return 'CardError'
      }
    }
    expect(String(roundTrip(new CardError('x')))).toBe('CardError: x')
  })

  test('leaves behind what HTTP clients hang on it', () => {
    const error = Object.assign(new Error('x'), {
      config: { headers: { authorization: 'Bearer secret' } },
      request: {},
      response: {},
      kept: 1,
    })
    expect(serializeError(error).fields).toEqual({ kept: 1 })
  })

  test('leaves behind fields that JSON cannot hold, or that are too long', () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const error = Object.assign(new Error('x'), { cyclic, big: 1n, run: () => 1, long: 'x'.repeat(10_000), list: [1] })
    expect(serializeError(error).fields).toEqual({ list: [1] })
  })

  test('has four causes at most, so that a cycle ends', () => {
    const error = new Error('x')
    error.cause = error
    let depth = 0
    for (let at: SerializedError | undefined = serializeError(error).cause; at; at = at.cause) depth++
    expect(depth).toBe(4)
  })

  test('cannot replace what a revived error is made of', () => {
    const fields = JSON.parse('{"__proto__":{"admin":true},"message":"other","stack":1,"toJSON":1}')
    const revived = reviveError({ name: 'Error', message: 'x', fields }) as Error & { admin?: boolean }
    expect([revived.message, revived.admin, typeof revived.stack]).toEqual(['x', undefined, 'string'])
  })
})

describe('serializeError', () => {
  test.each([
    ['a string', 'out of stock', 'out of stock'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a number', 7, '7'],
    ['a BigInt', 7n, '7'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object', { reason: 'stock' }, '{"reason":"stock"}'],
    ['an object with a message', { message: 'sold' }, 'sold'],
    [
      'an object without a text',
      Object.create(null, {
        toString: {
          get: () => {
            throw new Error('no')
          },
        },
      }),
      '{}',
    ],
  ])('takes %s for what it says', (_, thrown, message) => {
    expect(serializeError(thrown)).toMatchObject({ name: 'Error', message })
  })

  test('survives a proxy and getters that throw', () => {
    expect(serializeError(hostile)).toMatchObject({ name: 'Error', fields: {} })
    const error = Object.defineProperty(new Error('x'), 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    expect(serializeError(error)).toMatchObject({ message: 'x', fields: {} })
  })

  test('never throws, and always gives what JSON holds and reviveError takes', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
    })
    fc.assert(
      fc.property(anything, anything, (thrown, field) => {
        for (const error of [thrown, Object.assign(new Error('x'), { field, name: field, cause: thrown })]) {
          const serialized = serializeError(error)
          expect(JSON.parse(JSON.stringify(serialized))).toEqual(serialized)
          expect(reviveError(serialized)).toBeInstanceOf(Error)
        }
      }),
    )
  })
})
