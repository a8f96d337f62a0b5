import { describe, expectTypeOf, test } from 'vitest'
import type { Ledger, Run, Usd } from '../index.ts'

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
    // @ts-expect-error: a plain number is no amount of money
    ledger.run({ limits: { budget: 2 } }, () => 1)
    // @ts-expect-error: the limits of a scope stand behind its name
    ledger.run({ scopes: [{ 'user:ann': {} }] }, () => 1)
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
    run.call({ provider: 'openai', model: 'm', request: { input: 'go' } }, async (call) => {
      expectTypeOf(call.request).toEqualTypeOf<{ input: string }>()
      expectTypeOf(call.maxOutputTokens).toEqualTypeOf<number | undefined>()
    })
  })

  test('puts money aside, which is an amount and no number', async () => {
    const hold = await run.reserve({ model: 'm', inputTokens: 5 })
    expectTypeOf(hold.settle({ input: 1, output: 2 })).resolves.toEqualTypeOf<Usd>()
    // @ts-expect-error: a plain number is no amount of money
    run.reserve({ model: 'm', usd: 2 })
    expectTypeOf(run.final(() => 5)).resolves.toEqualTypeOf<number>()
  })
})
