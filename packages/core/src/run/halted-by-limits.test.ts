import { describe, expect, test, vi } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { RateLimitedError } from '../errors/rate-limited-error.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { Deeds } from '../testing/deeds.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd
const budget = (tokens: number) => ({ budget: nano(tokens) })

/** Turns what is thrown into a message, as frameworks do. */
async function swallowed(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => error)
}

describe('a limit that no waiting helps', () => {
  test('stops the run: also one that swallowed it starts nothing more, and fails at its end', async () => {
    const model = new FakeModel()
    const charge = countedTool('charge')
    const ledger = temporaryLedger()
    const refused = vi.fn()
    const halted = vi.fn()
    ledger.on('limit-refused', refused)
    ledger.on('run-halted', halted)
    const failed = ledger.run({ id: 'r', limits: budget(1_000) }, async (run) => {
      await model.call(run)
      const first = await swallowed(model.call(run, { content: 'more' }))
      expect(first).toBeInstanceOf(BudgetExceededError)
      // Nor does anything free.
      expect(await swallowed(model.call(run, { more: { price: { input: 0, output: 0 } } }))).toBe(first)
      expect(await swallowed(charge({ note: 'late' }))).toBe(first)
      return 'all is well'
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect([model.arrived.length, charge.done]).toEqual([1, []])
    expect(await ledger.runs.get('r')).toMatchObject({ status: 'failed', error: { code: 'budget-exceeded' } })
    expect(refused.mock.calls).toMatchObject([[{ scope: 'run:r', what: 'budget', waitingHelps: false }]])
    expect(halted).toHaveBeenCalledOnce()
  })

  test('lets what is in flight end, which is paid for', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const { promise: refused, resolve } = Promise.withResolvers<void>()
    const failed = ledger.run({ id: 'r', limits: budget(1_000) }, async (run) => {
      await model.call(run, { cap: 800, content: 'first' })
      const slow = model.call(run, {
        cap: 100,
        send: async ({ signal }) => {
          await refused
          expect(signal.aborted).toBe(false)
          return { model: 'fake-1', text: 'late', usage: { prompt_tokens: 1, completion_tokens: 20 } }
        },
      })
      await swallowed(model.call(run, { cap: 600, content: 'too much' }))
      expect(run.signal.aborted).toBe(true)
      resolve()
      expect(await slow).toMatchObject({ text: 'late' })
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect((await ledger.scopes.usage('run:r')).spent).toBe(nano(820))
  })

  test('stops the run that owns the limit, and with it the runs below', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const failed = ledger.run({ id: 'parent', limits: budget(1_000) }, async (run) => {
      const child = ledger.run({ id: 'child' }, async (child) => {
        await model.call(child)
        return swallowed(model.call(child, { content: 'more' }))
      })
      await expect(child).rejects.toMatchObject({ scope: 'run:parent' })
      const sibling = ledger.run({ id: 'sibling' }, (sibling) => model.call(sibling))
      await expect(sibling).rejects.toMatchObject({ scope: 'run:parent' })
      expect(run.error).toBeInstanceOf(BudgetExceededError)
    })
    await expect(failed).rejects.toMatchObject({ scope: 'run:parent' })
    expect(model.arrived).toHaveLength(1)
  })

  test('of a child stops the child alone: the run above may go on without it', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    await ledger.run({ id: 'parent', limits: budget(5_000) }, async (run) => {
      const child = ledger.run({ id: 'child', limits: budget(1_000) }, async (child) => {
        await model.call(child)
        await model.call(child, { content: 'more' })
      })
      await expect(child).rejects.toMatchObject({ scope: 'run:child' })
      await model.call(run, { content: 'without it' })
      expect((await run.usage()).spent).toBe(nano(2_000))
    })
  })

  test('of a scope that others share stops the run that asked, and no other', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ scopes: { 'user:ann': budget(2_000) } })
    const open = await ledger.open({ id: 'other', scopes: ['user:ann'] })
    await model.call(open)
    const failed = ledger.run({ id: 'r', scopes: ['user:ann'] }, async (run) => {
      await model.call(run)
      await model.call(run, { content: 'more' })
    })
    await expect(failed).rejects.toMatchObject({ scope: 'user:ann' })
    expect(open.error).toBeUndefined()
    await open.complete()
  })

  test('is known to another process that acts for the run', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const options = { id: 'shared', shared: true, limits: budget(1_000) }
    const one = await ledger.open(options)
    const other = await ledger.open(options)
    await model.call(one)
    await swallowed(model.call(one, { content: 'more' }))
    await expect(model.call(other, { content: 'free', cap: 1 })).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(1)
  })

  test('undoes what the run did, unless that is to be kept', async () => {
    const ledger = temporaryLedger()
    const spend = async (onBudgetExceeded: 'compensate' | 'keep') => {
      const deeds = new Deeds()
      const pay = deeds.step('pay')
      const model = new FakeModel()
      const failed = ledger.run({ limits: budget(100), onBudgetExceeded }, async (run) => {
        await pay({ note: 'rent' })
        await model.call(run)
      })
      await expect(failed).rejects.toThrow(BudgetExceededError)
      return deeds.undone
    }
    expect(await spend('compensate')).toEqual(['pay rent'])
    expect(await spend('keep')).toEqual([])
  })

  test('is cleared with the next attempt, which has what is left', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const agent = async (run: Run) => {
      await model.call(run)
      return model.call(run, { content: 'more' })
    }
    await expect(ledger.run({ id: 'r', limits: budget(1_000) }, agent)).rejects.toThrow(BudgetExceededError)
    await expect(ledger.run({ id: 'r' }, agent)).rejects.toMatchObject({ cause: { code: 'budget-exceeded' } })
    await ledger.run({ id: 'r', retry: true, limits: budget(2_000) }, agent)
    expect((await ledger.scopes.usage('run:r')).spent).toBe(nano(2_000))
    expect(model.arrived).toHaveLength(2)
  })
})

test('a limit on time stops a run that takes too long, calls and tools alike', async () => {
  const clock = new ManualClock()
  const model = new FakeModel()
  const charge = countedTool('charge')
  const run = await temporaryLedger({ clock }).open({ limits: { wallMs: 1_000 } })
  await model.call(run)
  await clock.advance(1_000)
  const stopped = await swallowed(model.call(run, { content: 'late' }))
  expect(stopped).toMatchObject({ name: 'LimitExceededError', what: 'wall', limit: 1_000 })
  await expect(run.perform(charge, { note: 'late' })).rejects.toBe(stopped)
  await expect(run.complete()).rejects.toBe(stopped)
  expect([model.arrived.length, charge.done]).toEqual([1, []])
})

describe('a limit that waiting helps', () => {
  test('refuses the call, and the run goes on', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    await ledger.run({ limits: budget(1_000) }, async (run) => {
      const calls = ['one', 'two'].map((content) => swallowed(model.call(run, { content, used: 10 })))
      const [, refused] = await Promise.all(calls)
      expect(refused).toMatchObject({ name: 'BudgetExceededError', waitingHelps: true })
      expect(run.error).toBeUndefined()
      await model.call(run, { cap: 900, content: 'now there is room' })
    })
    expect(model.arrived).toHaveLength(2)
  })

  test('that is a pace refuses the call, and the run goes on', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    await ledger.run({ limits: { rate: { calls: 1, perMs: 60_000 } } }, async (run) => {
      await model.call(run)
      const refused = await swallowed(model.call(run, { content: 'at once' }))
      expect(refused).toBeInstanceOf(RateLimitedError)
      expect(refused).toMatchObject({ of: 'calls', limit: 1, status: 429 })
      expect(run.error).toBeUndefined()
    })
    expect(model.arrived).toHaveLength(1)
  })
})

describe('a limit on effects', () => {
  test('stops the run before the body of the next one starts', async () => {
    const charge = countedTool('charge')
    const failed = temporaryLedger().run({ limits: { effects: 1 } }, async () => {
      await charge({ note: 'one' })
      await swallowed(charge({ note: 'two' }))
    })
    await expect(failed).rejects.toThrow(LimitExceededError)
    await expect(failed).rejects.toMatchObject({ what: 'effects', tool: 'charge', limit: 1, spent: 1 })
    expect(charge.done).toEqual(['one'])
  })

  test('counts reads, each of them once however often it is tried', async () => {
    let tries = 0
    const look = tool({
      name: 'look',
      effect: 'read',
      retry: { attempts: 3, backoff: { initialMs: 1 } },
      execute: ({ note }: { note: string }) => {
        if (++tries < 3) throw new Error('not yet')
        return note
      },
    })
    const failed = temporaryLedger().run({ limits: { effects: 1 } }, async () => {
      expect(await look({ note: 'one' })).toBe('one')
      await look({ note: 'two' })
    })
    await expect(failed).rejects.toMatchObject({ what: 'effects', tool: 'look', limit: 1 })
    expect(tries).toBe(3)
  })
})
