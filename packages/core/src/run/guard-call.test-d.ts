import { expectTypeOf, test } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { guardCall } from './guard-call.ts'

declare const ledger: Ledger

interface Body {
  readonly model: string
}

/** As a client has it. */
declare class OwnPromise<T> extends Promise<T> {
  withResponse(): Promise<{ readonly data: T }>
}

test('a guarded function keeps its type', () => {
  async function ask<T extends Body>(body: T, _options?: { readonly timeout: number }): Promise<T> {
    return body
  }
  const guarded = guardCall(ledger, 'gpt-5', ask)
  expectTypeOf(guarded).toEqualTypeOf<typeof ask>()
  expectTypeOf(guarded({ model: 'm', n: 1 })).resolves.toEqualTypeOf<{ model: string; n: number }>()
  // @ts-expect-error: a guarded function takes what the function takes
  guarded('gpt-5')
})

test('what it answers is a promise without the members that a client gives to its own', () => {
  const create = (_: Body): OwnPromise<{ readonly id: string }> => new OwnPromise(() => undefined)
  const guarded = guardCall(ledger, 'gpt-5', create)
  expectTypeOf(guarded).toEqualTypeOf<(_: Body) => Promise<{ readonly id: string }>>()
  // @ts-expect-error: it is gone
  guarded({ model: 'm' }).withResponse()
})
