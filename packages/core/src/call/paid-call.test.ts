import { describe, expect, test, vi } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { UnboundedCallError } from '../errors/unbounded-call-error.ts'
import { UnknownPriceError } from '../errors/unknown-price-error.ts'
import type { Run } from '../run/run.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import { type Usd, usd } from '../usd.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd

function budget(tokens: number) {
  return { id: 'r', limits: { budget: nano(tokens) } }
}

async function spent(run: Run): Promise<[spent: number, held: number]> {
  const usage = await run.usage()
  return [usage.spent, usage.held]
}

describe('a call under a budget', () => {
  test('is paid for by what it used, and what it did not use is there for the next', async () => {
    const model = new FakeModel()
    await temporaryLedger().run(budget(2_000), async (run) => {
      await model.call(run, { used: 100 })
      expect(await spent(run)).toEqual([nano(100), 0])
      await model.call(run, { used: 1_000, content: 'more' })
      expect(await spent(run)).toEqual([nano(1_100), 0])
      expect((await run.usage()).remaining).toBe(nano(900))
    })
  })

  test('is put aside for while it is in flight', async () => {
    const model = new FakeModel()
    await temporaryLedger().run(budget(2_000), async (run) => {
      const send = async () => {
        expect(await spent(run)).toEqual([0, nano(1_000)])
        return { model: 'fake-1', text: 'said', usage: { prompt_tokens: 1, completion_tokens: 1 } }
      }
      await model.call(run, { send })
      expect(model.arrived).toHaveLength(1)
    })
  })

  test('B1: of 50 at once that nothing is known of, exactly the two that it affords are sent', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const outcomes = await ledger.run(budget(2_000), async (run) => {
      const calls = Array.from({ length: 50 }, (_, index) => model.call(run, { content: `call ${index}` }))
      const settled = await Promise.allSettled(calls)
      expect(await spent(run)).toEqual([nano(2_000), 0])
      return settled
    })
    expect(model.arrived).toHaveLength(2)
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    expect(refused).toHaveLength(48)
    expect(refused.every((error) => BudgetExceededError.isInstance(error) && error.waitingHelps)).toBe(true)
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('B8: that comes to more than was put aside is given to its caller, and the next is refused', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const overrun = vi.fn()
    ledger.on('overrun', overrun)
    const run = ledger.run(budget(1_500), async (run) => {
      expect(await model.call(run, { used: 2_000 })).toMatchObject({ text: 'said' })
      expect(await spent(run)).toEqual([nano(2_000), 0])
      await model.call(run, { content: 'next' })
    })
    await expect(run).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(1)
    expect(overrun).toHaveBeenCalledExactlyOnceWith({
      ...{ runId: 'r', model: 'fake-1', over: nano(1_000), overTokens: expect.any(Number) },
    })
  })

  test.each([1e12, 9e15, Number.NaN, 1.5, -3])(
    'that says that it used %d tokens is given to its caller, and counts as much as it can have used',
    async (prompt_tokens) => {
      const ledger = temporaryLedger({ scopes: { 'user:*': { budget: usd(5) } } })
      const answer = { model: 'fake-1', text: 'said', usage: { prompt_tokens, completion_tokens: 5 } }
      await ledger.run({ id: 'r', scopes: ['user:ann'] }, async (run) => {
        expect(await new FakeModel().call(run, { send: async () => answer })).toBe(answer)
      })
      const [call] = await ledger.calls.list()
      // It was an answer of less than its cap, in bytes.
      expect(call).toMatchObject({ status: 'succeeded', cost: { status: 'settled', estimated: true } })
      const { spent: known } = await ledger.scopes.usage('user:ann')
      expect(known).toBeGreaterThan(nano(5))
      expect(known).toBeLessThanOrEqual(nano(1_000))
      await ledger.run({ scopes: ['user:ann'] }, (run) => new FakeModel().call(run))
      expect(await ledger.verify()).toMatchObject({ ok: true })
    },
  )

  test('tells the scope, the limit, what is spent and what is missing', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run(budget(1_100), async (run) => {
      await model.call(run)
      await model.call(run, { content: 'next' })
    })
    await expect(failed).rejects.toMatchObject({
      ...{ scope: 'run:r', limit: nano(1_100), spent: nano(1_000), held: 0, requested: nano(256), overage: nano(156) },
      ...{ model: 'fake-1', waitingHelps: false, resetsAt: null, status: 402 },
    })
  })

  test('counts on the scopes of the run, and stops where the first of them does', async () => {
    const model = new FakeModel()
    const scopes = { 'user:ann': { budget: nano(1_000) }, 'org:acme': { budget: nano(9_000) } }
    const ledger = temporaryLedger({ scopes })
    const failed = ledger.run({ scopes: ['org:acme', 'user:ann'] }, async (run) => {
      await model.call(run)
      await model.call(run, { content: 'next' })
    })
    await expect(failed).rejects.toMatchObject({ scope: 'user:ann' })
    expect((await ledger.scopes.usage('org:acme')).spent).toBe(nano(1_000))
    await ledger.run({ scopes: ['org:acme'] }, (run) => model.call(run))
    expect((await ledger.scopes.usage('org:acme')).spent).toBe(nano(2_000))
  })

  test('that is served from the record on resume costs nothing', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const agent = (run: Run) => model.call(run)
    const first = ledger.run(budget(1_000), async (run) => {
      await agent(run)
      expect(await spent(run)).toEqual([nano(1_000), 0])
    })
    await first
    await interrupted(ledger, 'again', agent)
    await ledger.run({ id: 'again', limits: { budget: nano(900) } }, async (run) => {
      expect(await agent(run)).toMatchObject({ text: 'said' })
      expect(await spent(run)).toEqual([nano(1_000), 0])
    })
    expect(model.arrived).toHaveLength(2)
  })
})

test('parts of a limit are told of when what is settled reaches them, each of them once', async () => {
  const model = new FakeModel()
  const ledger = temporaryLedger()
  const reached = vi.fn()
  ledger.on('threshold-reached', reached)
  await ledger.run({ id: 'r', limits: { budget: nano(4_000), thresholds: [0.5, 0.25] } }, async (run) => {
    for (const content of ['one', 'two', 'three']) await model.call(run, { content })
  })
  expect(reached.mock.calls.map(([told]) => [told.threshold, told.spent])).toEqual([
    [0.25, nano(1_000)],
    [0.5, nano(2_000)],
  ])
  expect(reached.mock.calls[0]).toMatchObject([{ runId: 'r', scope: 'run:r', what: 'budget', limit: nano(4_000) }])
})

describe('what a call is asked with', () => {
  test.each([
    ['no model', { model: undefined }, /model/],
    ['a model without a name', { model: '' }, /model/],
    ['no provider', { provider: undefined }, /provider/],
    ['a price that is none', { price: { input: 'much' } }, /price/],
    ['a price for no known number of tokens', { price: { input: 1, per: 7 } }, /per/],
    ['a cap that is none', { maxOutputTokens: 0 }, /maxOutputTokens/],
    ['a way to wait that is none', { wait: { timeoutMs: -1 } }, /timeoutMs/],
    ['a word that nothing reads', { budget: 5 }, /budget/],
  ])('is checked before anything is sent: %s', async (_, wrong, message) => {
    const send = vi.fn(async () => ({}))
    const call = { provider: 'fake', model: 'fake-1', request: { messages: [] }, ...wrong }
    await temporaryLedger().run(async (run) => {
      await expect(run.call(call as never, send)).rejects.toThrow(message)
      await expect(run.call(call as never, send)).rejects.toThrow(ConfigError)
    })
    expect(send).not.toHaveBeenCalled()
  })

  test('is checked before anything is put aside: no sender', async () => {
    const ledger = temporaryLedger()
    const call = { provider: 'fake', model: 'fake-1', request: { messages: [] } }
    await expect(ledger.run((run) => run.call(call, undefined as never))).rejects.toThrow(ConfigError)
    expect(await ledger.calls.list()).toEqual([])
  })

  test('has no bound in a shape that we do not know', async () => {
    const call = { provider: 'fake', model: 'fake-1', request: { query: 'go' }, price: { input: 0 } }
    const ledger = temporaryLedger()
    await expect(ledger.run(budget(9_000), (run) => run.call(call, async () => 'said'))).rejects.toThrow(
      UnboundedCallError,
    )
    expect(await ledger.run((run) => run.call(call, async () => 'said'))).toBe('said')
  })
})

describe('a limit on tokens or calls', () => {
  test('refuses the call that could go beyond it', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run({ limits: { tokens: 3_300 } }, async (run) => {
      await model.call(run, { used: 1_000 })
      await model.call(run, { content: 'next' })
    })
    await expect(failed).rejects.toThrow(LimitExceededError)
    await expect(failed).rejects.toMatchObject({ what: 'tokens', limit: 3_300, spent: 1_010 })
    expect(model.arrived).toHaveLength(1)
  })

  test('counts calls that were sent', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run({ limits: { calls: 2 } }, async (run) => {
      for (const content of ['one', 'two', 'three']) await model.call(run, { content })
    })
    await expect(failed).rejects.toMatchObject({ name: 'LimitExceededError', what: 'calls', limit: 2, spent: 2 })
    expect(model.arrived).toHaveLength(2)
  })
})

describe('a model whose price nobody knows', () => {
  const unpriced = { more: { price: undefined } } as never

  test('B6: is refused under a hard budget', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run(budget(1_000), (run) => model.call(run, unpriced))
    await expect(failed).rejects.toThrow(UnknownPriceError)
    await expect(failed).rejects.toMatchObject({ provider: 'fake', model: 'fake-1', scope: 'run:r' })
    expect(model.arrived).toEqual([])
  })

  test('is called where nothing limits money, and tells that it was not counted', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const unknown = vi.fn()
    ledger.on('price-unknown', unknown)
    await ledger.run({ limits: { tokens: 9_000 } }, (run) => model.call(run, unpriced))
    expect(unknown).toHaveBeenCalledExactlyOnceWith({
      ...{ runId: expect.any(String), provider: 'fake', model: 'fake-1', did: 'allowed' },
    })
    expect(await ledger.calls.list()).toMatchObject([{ cost: { status: 'settled', spent: null, tokens: 1_010 } }])
  })

  test('is called where the ledger allows it, with limits of tokens still in force', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ unknownPrice: 'allow' })
    const limits = { budget: usd(1), tokens: 3_300 }
    const failed = ledger.run({ limits }, async (run) => {
      await model.call(run, unpriced)
      await model.call(run, { content: 'next', more: { price: undefined } } as never)
    })
    await expect(failed).rejects.toMatchObject({ what: 'tokens' })
    expect(model.arrived).toHaveLength(1)
  })

  test('is priced like the dearest model of its provider where the ledger assumes that', async () => {
    const ledger = temporaryLedger({ unknownPrice: 'assume' })
    const unknown = vi.fn()
    ledger.on('price-unknown', unknown)
    const request = { model: 'gpt-99', max_tokens: 100, messages: [] }
    const usage = { prompt_tokens: 1_000, completion_tokens: 100 }
    await ledger.run({ limits: { budget: usd(100) } }, (run) =>
      run.call({ provider: 'openai', model: 'gpt-99', request }, async () => ({ usage })),
    )
    expect(unknown.mock.calls).toMatchObject([[{ did: 'assumed' }]])
    const [call] = await ledger.calls.list()
    expect(call?.cost).toMatchObject({ bounded: false, exactUsd: null })
    // 1,000 in and 100 out of any dear model are more than a cent.
    expect(call?.cost?.spent).toBeGreaterThan(usd('0.01'))
  })
})

describe('a model that is free', () => {
  test('goes on where nothing is left', async () => {
    const model = new FakeModel()
    await temporaryLedger().run(budget(1_000), async (run) => {
      await model.call(run)
      for (const content of ['one', 'two']) {
        await model.call(run, { content, cap: null, more: { price: { input: 0, output: 0 } } })
      }
      expect(await spent(run)).toEqual([nano(1_000), 0])
      // Nothing limits what costs nothing.
      expect(model.arrived.slice(1)).not.toContainEqual(expect.objectContaining({ max_tokens: expect.anything() }))
    })
    expect(model.arrived).toHaveLength(3)
  })
})

describe('a call that has no bound', () => {
  const search = { type: 'web_search' }
  const request = { model: 'm', input: 'news?', max_output_tokens: 1_000, tools: [search] }
  const call = { provider: 'openai', model: 'm', request, price: { input: 0, output: 2 } }
  const usage = { input_tokens: 90_000, output_tokens: 1_000 }

  test('is refused under a hard limit', async () => {
    const send = vi.fn(async () => ({ usage }))
    const failed = temporaryLedger().run({ limits: { budget: usd(5) } }, (run) => run.call(call, send))
    await expect(failed).rejects.toThrow(UnboundedCallError)
    await expect(failed).rejects.toMatchObject({ unboundedBy: [expect.stringContaining('web_search')] })
    expect(send).not.toHaveBeenCalled()
  })

  test('is made with an allowance on top where the ledger has one', async () => {
    const ledger = temporaryLedger({ unboundedCalls: { allowance: usd(1) } })
    const told = vi.fn()
    ledger.on('call-unbounded', told)
    await ledger.run({ limits: { budget: usd(5) } }, (run) =>
      run.call(call, async () => {
        expect((await run.usage()).held).toBe(usd(1) + nano(1_000))
        return { usage }
      }),
    )
    expect(told.mock.calls).toMatchObject([[{ model: 'm', allowance: usd(1) }]])
    expect(await ledger.calls.list()).toMatchObject([{ cost: { bounded: false, spent: nano(1_000) } }])
  })
})
