import { describe, expectTypeOf, test } from 'vitest'
import type { Ledger, Run } from '../index.ts'

declare const ledger: Ledger
declare const run: Run

describe('ledger.run', () => {
  test('answers what the agent answers', () => {
    expectTypeOf(ledger.run(() => 5)).resolves.toEqualTypeOf<number>()
    expectTypeOf(ledger.run({ id: 'r' }, async () => 'text')).resolves.toEqualTypeOf<string>()
    expectTypeOf(ledger.run({ id: 'r' }, ({ id }) => id)).resolves.toEqualTypeOf<string>()
    expectTypeOf(ledger.run(() => new Response())).resolves.toEqualTypeOf<Response>()
  })

  test('refuses options that are wrong, or that this version does not have', () => {
    // @ts-expect-error: no agent
    ledger.run({ id: 'r' })
    // @ts-expect-error: an id is a text
    ledger.run({ id: 5 }, () => 1)
    // @ts-expect-error: limits come later, and nothing would honour them
    ledger.run({ limits: { calls: 5 } }, () => 1)
    // @ts-expect-error: there is no such ending
    ledger.run({ onError: 'rollback' }, () => 1)
    // @ts-expect-error: an undefined id would be another run each time
    ledger.run({ id: undefined }, () => 1)
  })
})

describe('a run', () => {
  test('gives calls, values, times and ids their types', () => {
    const request = { provider: 'openai', model: 'm', request: {} }
    expectTypeOf(run.call(request, async () => ({ text: 'said' }))).resolves.toEqualTypeOf<{ text: string }>()
    expectTypeOf(run.value('dice', () => 4)).resolves.toEqualTypeOf<number>()
    expectTypeOf(run.now()).resolves.toEqualTypeOf<Date>()
    expectTypeOf(run.uuid()).resolves.toEqualTypeOf<string>()
    // @ts-expect-error: a call names its model
    run.call({ provider: 'openai', request: {} }, async () => 1)
  })
})
