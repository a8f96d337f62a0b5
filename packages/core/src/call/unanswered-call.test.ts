import { describe, expect, test, vi } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { gate } from '../testing/counted-tool.ts'
import { FakeModel, nanoOf, OUTPUT_PRICE } from '../testing/fake-model.ts'
import { Story, temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'
import { spender } from './testing/dying-spender.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd
const LIMITS = { budget: nano(10_000) }

/** What a call came to whose sender did this. */
async function costAfter(send: () => Promise<never>) {
  const ledger = temporaryLedger()
  const model = new FakeModel()
  await ledger.run({ id: 'r', limits: LIMITS }, async (run) => {
    await expect(model.call(run, { send })).rejects.toBeDefined()
  })
  const usage = await ledger.scopes.usage('run:r')
  const [call] = await ledger.calls.list()
  return { status: call?.cost?.status, spent: usage.spent, held: usage.held, calls: usage.calls }
}

const thrower = (error: unknown) => async (): Promise<never> => {
  throw error
}
const withStatus = (status: number) => Object.assign(new Error('refused'), { status })

describe('a call that was not answered', () => {
  test.each([
    ['that its provider refused', withStatus(400)],
    ['that came too often', withStatus(429)],
    ['that its provider failed before it said anything', withStatus(500)],
    ['that its provider had no room for', withStatus(529)],
  ])('B5: %s costs nothing, and counts as a call', async (_, error) => {
    expect(await costAfter(thrower(error))).toEqual({ status: 'released', spent: 0, held: 0, calls: 1 })
  })

  test.each([
    [
      'without a connection',
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
    ],
    ['that its sender says was not made', new NotAppliedError('no key')],
  ])('B5: %s costs nothing, and was no call', async (_, error) => {
    expect(await costAfter(thrower(error))).toEqual({ status: 'released', spent: 0, held: 0, calls: 0 })
  })

  test.each([
    ['that took too long', withStatus(408)],
    ['whose connection broke', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ['whose gateway gave up', withStatus(504)],
    ['of which nobody knows more', new Error('no')],
  ])('%s may have been billed: it costs all that was put aside', async (_, error) => {
    expect(await costAfter(thrower(error))).toEqual({ status: 'charged', spent: nano(1_000), held: 0, calls: 1 })
  })

  test('whose error tells what was used is paid for by that', async () => {
    const error = Object.assign(withStatus(500), { usage: { prompt_tokens: 5, completion_tokens: 30 } })
    expect(await costAfter(thrower(error))).toMatchObject({ status: 'settled', spent: nano(30) })
  })

  test('because its run was aborted may have been billed', async () => {
    const ledger = temporaryLedger()
    const model = new FakeModel()
    const controller = new AbortController()
    const failed = ledger.run({ id: 'r', limits: LIMITS, signal: controller.signal }, (run) =>
      model.call(run, {
        send: async ({ signal }) => {
          controller.abort(new Error('closed'))
          throw signal.reason
        },
      }),
    )
    await expect(failed).rejects.toThrow('closed')
    expect((await ledger.scopes.usage('run:r')).spent).toBe(nano(1_000))
    expect(await ledger.calls.list()).toMatchObject([{ status: 'lost', cost: { status: 'charged' } }])
  })

  test('and may be tried again has what it did not spend', async () => {
    const ledger = temporaryLedger()
    const model = new FakeModel()
    await ledger.run({ limits: { budget: nano(1_000) } }, async (run) => {
      for (let attempt = 0; attempt < 5; attempt++)
        await expect(model.call(run, { send: thrower(withStatus(429)) })).rejects.toThrow('refused')
      await model.call(run)
      expect((await run.usage()).spent).toBe(nano(1_000))
    })
  })

  test('because the run was halted before it was sent costs nothing, and is no call', async () => {
    const ledger = temporaryLedger()
    const model = new FakeModel()
    const failed = ledger.run({ id: 'r', limits: LIMITS }, async (run) => {
      // Told when the money is put aside, and before anything is sent.
      ledger.on('output-capped', () => run.halt('enough'))
      await expect(model.call(run, { cap: null })).rejects.toThrow('enough')
    })
    await expect(failed).rejects.toThrow('enough')
    expect(model.arrived).toEqual([])
    expect(await ledger.scopes.usage('run:r')).toMatchObject({ spent: 0, held: 0, calls: 0 })
    expect(await ledger.calls.list()).toMatchObject([{ status: 'lost', cost: { status: 'released' } }])
  })
})

describe('B4: an answer that does not say what was used', () => {
  const chat = { provider: 'fake', model: 'fake-1', price: { ...OUTPUT_PRICE, input: 1 } }
  const messages = [{ role: 'user', content: 'go' }]

  async function costOf(response: unknown, request: object, budget = 100_000_000): Promise<number> {
    const ledger = temporaryLedger()
    await ledger.run({ limits: { budget: budget as Usd } }, (run) =>
      run.call({ ...chat, request: { messages, ...request } }, async () => response),
    )
    const [call] = await ledger.calls.list()
    expect(call?.cost).toMatchObject({ status: 'settled', estimated: true, exactUsd: null })
    return call?.cost?.spent ?? 0
  }

  /** 2,048 for what is hidden, and some bytes. */
  const INPUT = 2_048_000

  test('costs the bound of its input, and as many tokens as it has bytes', async () => {
    const cost = await costOf({ text: 'x'.repeat(400) }, { max_tokens: 9_000 })
    expect(cost).toBeGreaterThan(INPUT + nanoOf(400))
    expect(cost).toBeLessThan(INPUT + 200_000 + nanoOf(450))
  })

  test('costs no more output than its cap', async () => {
    const cost = await costOf({ text: 'x'.repeat(4_000) }, { max_tokens: 100 })
    expect(cost).toBeLessThan(INPUT + 200_000 + nanoOf(101))
    expect(cost).toBeGreaterThan(INPUT + nanoOf(100))
  })

  test('costs all of its cap where part of it may have been thought', async () => {
    const cost = await costOf({ text: 'yes' }, { max_tokens: 5_000, reasoning_effort: 'high' })
    expect(cost).toBeGreaterThan(INPUT + nanoOf(5_000))
  })

  test.each([
    ['is empty', { usage: {} }],
    ['counts nothing', { usage: { prompt_tokens: 0, completion_tokens: 0 } }],
    ['is null', { usage: null }],
    ['is of a shape that nobody knows', { usage: { tokens: 7 } }],
  ])('is not one for nothing where its usage %s', async (_, response) => {
    expect(await costOf(response, { max_tokens: 100 })).toBeGreaterThan(INPUT)
  })

  test('costs all that was put aside where nobody can tell how long it is', async () => {
    class Stream {
      readonly read = () => 'said'
    }
    expect(await costOf(new Stream(), { max_tokens: 1_000 })).toBeGreaterThan(INPUT + nanoOf(1_000))
  })

  test('counts the side that is missing as it was bounded', async () => {
    const ledger = temporaryLedger()
    const request = { messages, max_tokens: 1_000 }
    await ledger.run((run) => run.call({ ...chat, request, usage: () => ({ input: 10 }) }, async () => 'x'.repeat(98)))
    await ledger.run((run) => run.call({ ...chat, request, usage: () => ({ output: 10 }) }, async () => 'said'))
    const [noOutput, noInput] = (await ledger.calls.list()).map(({ cost }) => cost?.spent ?? 0)
    expect(noOutput).toBe(10_000 + nanoOf(100))
    expect(noInput).toBeGreaterThan(INPUT + nanoOf(10))
  })

  test('costs what the answer itself says where the reader of its caller stumbles', async () => {
    const ledger = temporaryLedger()
    const told = vi.fn()
    ledger.on('usage-not-read', told)
    const usage = () => {
      throw new Error('no such member')
    }
    const response = { usage: { prompt_tokens: 10, completion_tokens: 10 } }
    await ledger.run((run) => run.call({ ...chat, request: { messages }, usage }, async () => response))
    expect(await ledger.calls.list()).toMatchObject([{ cost: { spent: 10_000 + nanoOf(10), estimated: false } }])
    expect(told).toHaveBeenCalledOnce()
  })
})

describe('B2: a process that dies between its hold and the settlement', () => {
  test('has spent all that it held: nothing more than the rest is there, and that is', async () => {
    const story = new Story(new URL('./testing/dying-spender.ts', import.meta.url), spender)
    await story.killedAt('sent')
    expect(story.newActs).toEqual(['model asked'])
    const ledger = story.ledger()
    const usage = () => ledger.scopes.usage('run:turn')
    expect(await usage()).toMatchObject({ remaining: nano(2_000) })
    const model = new FakeModel()
    const run = await ledger.open({ id: 'turn' })
    expect(await usage()).toMatchObject({ spent: nano(8_000), held: 0, remaining: nano(2_000) })
    await model.call(run, { cap: 2_000, content: 'the rest' })
    await expect(model.call(run, { cap: 256, content: 'more' })).rejects.toThrow(BudgetExceededError)
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })
})

describe('B3: a hold of a call', () => {
  test('is settled once, however often and late that is said', async () => {
    const ledger = temporaryLedger()
    const model = new FakeModel()
    const { pass, open, started } = gate<void>()
    const run = await ledger.open({ id: 'r', limits: LIMITS })
    const call = model.call(run, {
      send: async () => {
        await pass()
        return { model: 'fake-1', text: 'late', usage: { prompt_tokens: 1, completion_tokens: 7 } }
      },
    })
    await started
    // Whatever became of its run meanwhile.
    await ledger.runs.cancel('r')
    open()
    await call
    expect(await ledger.scopes.usage('run:r')).toMatchObject({ spent: nano(7), held: 0 })
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })
})
