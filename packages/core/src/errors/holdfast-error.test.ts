import { describe, expect, test } from 'vitest'
import { HoldfastError } from './holdfast-error.ts'
import { LeaseLostError } from './lease-lost-error.ts'
import { NoRunError } from './no-run-error.ts'

describe('isInstance', () => {
  test('knows an error of another copy of this package by its marks', () => {
    class Foreign extends Error {}
    const foreign = Object.assign(new Foreign('x'), { runId: 'r' })
    Object.defineProperty(foreign, Symbol.for('holdfast.error'), { value: true })
    Object.defineProperty(foreign, Symbol.for('holdfast.error.lease-lost'), { value: true })
    expect(LeaseLostError.isInstance(foreign)).toBe(true)
    expect(foreign instanceof LeaseLostError).toBe(true)
    expect(HoldfastError.isInstance(foreign)).toBe(true)
    expect(NoRunError.isInstance(foreign)).toBe(false)
  })

  test('is false for anything else, however it behaves', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
      },
    )
    for (const value of [undefined, null, 'x', 1, {}, new Error('x'), hostile]) {
      expect([HoldfastError.isInstance(value), value instanceof LeaseLostError]).toEqual([false, false])
    }
  })

  test('does not take an error for one of a class that somebody derived', () => {
    class Derived extends LeaseLostError {}
    expect(new LeaseLostError({ runId: 'r' }) instanceof Derived).toBe(false)
    expect(new Derived({ runId: 'r' }) instanceof Derived).toBe(true)
    expect(LeaseLostError.isInstance(new Derived({ runId: 'r' }))).toBe(true)
  })
})

describe('find', () => {
  const ours = new LeaseLostError({ runId: 'r' })

  test.each([
    ['itself', ours],
    ['a cause of a cause', new Error('a', { cause: new Error('b', { cause: ours }) })],
    ['one of several errors', new AggregateError([new Error('a'), ours])],
    ['the last error of a retry', Object.assign(new Error('retried'), { lastError: ours })],
    ['a plain object', { cause: ours }],
  ])('finds %s', (_, error) => {
    expect(LeaseLostError.find(error)).toBe(ours)
    expect(HoldfastError.find(error)).toBe(ours)
    expect(NoRunError.find(error)).toBeUndefined()
  })

  test('ends on errors that contain themselves, and on endless ones', () => {
    const loop: { cause?: unknown; errors?: unknown[] } = {}
    loop.cause = loop
    loop.errors = [loop, loop]
    expect(HoldfastError.find(loop)).toBeUndefined()
    const endless = (): object => ({
      get cause() {
        return endless()
      },
    })
    expect(HoldfastError.find(endless())).toBeUndefined()
  })
})
