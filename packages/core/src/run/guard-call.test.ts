import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { UnboundedCallError } from '../errors/unbounded-call-error.ts'
import { nanoOf, OUTPUT_PRICE } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'
import { guardCall } from './guard-call.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd

interface Body {
  readonly messages: readonly string[]
  readonly max_completion_tokens?: number
}

const answer = (tokens: number) => ({ text: 'said', usage: { prompt_tokens: 10, completion_tokens: tokens } })

describe('a guarded function', () => {
  test('has the type that it had, and is paid for by what it used', async () => {
    const ledger = temporaryLedger()
    const ask = vi.fn(async (body: Body, _options?: { readonly timeout: number }) => answer(body.messages.length * 100))
    const guarded = guardCall(ledger, { provider: 'openai', model: 'm', price: OUTPUT_PRICE }, ask)
    expectTypeOf(guarded).toEqualTypeOf(ask)
    const options = { timeout: 5 }
    await ledger.run({ id: 'r', limits: { budget: nano(5_000) } }, async (run) => {
      expect(await guarded({ messages: ['a'] }, options)).toEqual(answer(100))
      expect((await run.usage()).spent).toBe(nano(100))
    })
    // With the cap that there was room for, and its own options.
    expect(ask.mock.calls).toEqual([[{ messages: ['a'], max_completion_tokens: 5_000 }, options]])
    expect(await ledger.calls.list()).toMatchObject([{ runId: 'r', model: 'm', request: { messages: ['a'] } }])
  })

  test('is given what its caller gave it where nothing has to be capped', async () => {
    const ledger = temporaryLedger({ limits: {} })
    const body: Body = { messages: ['a'] }
    const ask = vi.fn(async (given: Body) => answer(given === body ? 1 : 2))
    expect(await guardCall(ledger, { model: 'm', price: OUTPUT_PRICE }, ask)(body)).toEqual(answer(1))
  })

  test('finds the price of its model by the name alone', async () => {
    const ledger = temporaryLedger({ session: 's' })
    const ask = guardCall(ledger, 'gpt-4o-mini', async (_: Body) => answer(1_000))
    await ask({ messages: ['a'] })
    // 10 in × $0.15/M + 1,000 out × $0.60/M = $0.0006015
    expect((await ledger.scopes.usage('loose:s')).spent).toBe(601_500)
  })

  test('is refused without being called, within a run and outside', async () => {
    const ledger = temporaryLedger({ limits: { budget: nano(1_000) } })
    const ask = vi.fn(async (_: Body) => answer(1_000))
    const guarded = guardCall(ledger, { model: 'm', price: OUTPUT_PRICE }, ask)
    await guarded({ messages: ['a'] })
    await expect(guarded({ messages: ['b'] })).rejects.toThrow(BudgetExceededError)
    await expect(ledger.run(() => guarded({ messages: ['c'] }))).rejects.toThrow(BudgetExceededError)
    expect(ask).toHaveBeenCalledOnce()
  })

  test('that takes no body must say its cap: nobody could tell it one', async () => {
    const ledger = temporaryLedger()
    const ask = vi.fn(async (prompt: string, _temperature?: number) => answer(prompt.length))
    const guarded = guardCall(ledger, { model: 'm', price: OUTPUT_PRICE }, ask)
    await expect(guarded('go')).rejects.toThrow(UnboundedCallError)
    await expect(guarded('go')).rejects.toThrow(/maxOutputTokens/)
    expect(ask).not.toHaveBeenCalled()
    const capped = guardCall(ledger, { model: 'm', price: OUTPUT_PRICE, maxOutputTokens: 500 }, ask)
    expect(await capped('go', 0.5)).toEqual(answer(2))
    expect(ask).toHaveBeenCalledExactlyOnceWith('go', 0.5)
  })

  test.each([
    ['a question beside an object', { name: 'ann' }],
    ['a question beside a conversation', { messages: ['hi'] }],
  ])('is asked again by all that it is given: %s', async (_, about) => {
    const ledger = temporaryLedger()
    const ask = vi.fn(async (_about: object, question: string) => ({ ...answer(1), text: question }))
    const guarded = guardCall(ledger, { model: 'm', price: OUTPUT_PRICE }, ask)
    const ends =
      (...questions: string[]) =>
      async () => {
        const said: string[] = []
        for (const question of questions) said.push((await guarded(about, question)).text)
        throw new Error(said.join())
      }
    await expect(ledger.run({ id: 'r' }, ends('one', 'two'))).rejects.toThrow('one,two')
    await expect(ledger.run({ id: 'r', retry: true }, ends('two', 'one'))).rejects.toThrow('two,one')
    expect(ask).toHaveBeenCalledTimes(2)
    const limited = ledger.run({ id: 'limited', limits: { budget: nano(5_000) } }, () =>
      guarded(about, 'x'.repeat(9_000)),
    )
    await expect(limited).rejects.toThrow(UnboundedCallError)
  })

  test('with a cap of its own is not called where there is no room for all of it', async () => {
    const ledger = temporaryLedger()
    const ask = vi.fn(async (_: string) => answer(400))
    const guarded = guardCall(ledger, { model: 'm', price: OUTPUT_PRICE, maxOutputTokens: 500 }, ask)
    const failed = ledger.run({ limits: { budget: nano(499) } }, () => guarded('go'))
    await expect(failed).rejects.toMatchObject({ requested: nano(500) })
    expect(ask).not.toHaveBeenCalled()
  })

  test('of a model of OpenAI caps its output under the name that this model takes', async () => {
    const ask = vi.fn(async (_: { readonly model: string; readonly messages: readonly string[] }) => answer(1))
    await guardCall(temporaryLedger(), 'gpt-5', ask)({ model: 'gpt-5', messages: ['a'] })
    const sent = { model: 'gpt-5', messages: ['a'], max_completion_tokens: 16_384 }
    expect(ask).toHaveBeenCalledExactlyOnceWith(sent)
  })

  test('keeps its `this`', async () => {
    const ledger = temporaryLedger()
    const client = {
      tokens: 3,
      async ask(_: Body) {
        return answer(this.tokens)
      },
    }
    client.ask = guardCall(ledger, { model: 'm', price: OUTPUT_PRICE }, client.ask)
    expect(await client.ask({ messages: [] })).toEqual(answer(3))
  })

  test.each([
    ['no model', ''],
    ['a function in the place of the model', async () => answer(1)],
  ])('cannot be made with %s', (_, model) => {
    expect(() => guardCall(temporaryLedger(), model as string, async () => answer(1))).toThrow(ConfigError)
  })
})
