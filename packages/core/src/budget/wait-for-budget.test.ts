import { describe, expect, test, vi } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { RateLimitedError } from '../errors/rate-limited-error.ts'
import type { Run } from '../run/run.ts'
import { gate } from '../testing/counted-tool.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'
import { ManualClock } from '../util/manual-clock.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd
const LIMITS = { budget: nano(1_000) }
const WAIT = { timeoutMs: 20_000, initialMs: 1, maxMs: 5 }

/** A call that holds all there is until its gate opens, and then cost next to nothing. */
async function inFlight(run: Run, model: FakeModel) {
  const { pass, open, started } = gate<void>()
  const call = model.call(run, {
    content: 'first',
    send: async () => {
      await pass()
      return { model: 'fake-1', text: 'first', usage: { prompt_tokens: 1, completion_tokens: 1 } }
    },
  })
  await started
  return { call, open: () => open() }
}

/** What arrived, in its order. */
function arrived({ arrived }: FakeModel): string[] {
  return arrived.map(({ messages }) => messages[0]?.content ?? '')
}

describe('waiting for a budget', () => {
  test('lasts until a call in flight has given back what it did not use', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ waitForBudget: true })
    const waited = vi.fn()
    ledger.on('budget-waited', waited)
    await ledger.run({ limits: LIMITS }, async (run) => {
      const first = await inFlight(run, model)
      const second = model.call(run, { content: 'second', cap: 900, used: 10 })
      await run.usage()
      expect(arrived(model)).toEqual(['first'])
      first.open()
      expect(await second).toMatchObject({ text: 'said' })
      await first.call
      expect((await run.usage()).spent).toBe(nano(11))
    })
    expect(waited.mock.calls).toMatchObject([[{ scope: expect.stringMatching(/^run:/), gotIt: true }]])
    // With all of its output: it was worth waiting for.
    expect(model.arrived[1]?.max_tokens).toBe(900)
  })

  test('is first come, first served, also where a smaller request would fit before', async () => {
    const clock = new ManualClock()
    const model = new FakeModel()
    const ledger = temporaryLedger({ clock, waitForBudget: true })
    const run = await ledger.open({ id: 'r', limits: LIMITS })
    const first = await inFlight(run, model)
    const others = ['large', 'small', 'last'].map(async (content, index) => {
      return model.call(run, { content, cap: index === 1 ? 300 : 990, used: 1 })
    })
    await run.usage()
    // Room for the small one, which is not the first.
    await ledger.scopes.limit('run:r', { budget: nano(1_300) })
    await clock.advance(3_000)
    expect(arrived(model)).toEqual(['first'])
    first.open()
    await Promise.all([first.call, ...others])
    expect(arrived(model)).toEqual(['first', 'large', 'small', 'last'])
    await run.complete()
  })

  test('hears what another ledger of the process settles, and finds what another process does', async () => {
    const folder = temporaryFolder()
    const model = new FakeModel()
    const scopes = { 'user:ann': LIMITS }
    const ledger = temporaryLedger({ scopes, waitForBudget: WAIT }, folder)
    const other = temporaryLedger({ scopes }, folder)
    const run = await other.open({ scopes: ['user:ann'] })
    const hold = await run.reserve({ model: 'fake-1', usd: nano(1_000) })
    const waiting = ledger.run({ scopes: ['user:ann'] }, (own) => model.call(own, { cap: 900 }))
    await hold.release()
    expect(await waiting).toMatchObject({ text: 'said' })
    await run.complete()
  })

  test('ends with the time that it has, and with less output if there is room for that', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    await ledger.run({ limits: LIMITS }, async (run) => {
      const hold = await run.reserve({ model: 'fake-1', usd: nano(400) })
      const wait = { ...WAIT, timeoutMs: 30 }
      await model.call(run, { cap: 900, content: 'less', used: 0, more: { wait } })
      expect(model.arrived).toMatchObject([{ max_tokens: 600 }])
      await hold.release()
    })
  })

  test('ends with the error that it had, where there is no room at all', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const waited = vi.fn()
    ledger.on('budget-waited', waited)
    await ledger.run({ limits: LIMITS }, async (run) => {
      const hold = await run.reserve({ model: 'fake-1', usd: nano(1_000) })
      const refused = model.call(run, { cap: 900, more: { wait: { ...WAIT, timeoutMs: 30 } } })
      await expect(refused).rejects.toThrow(BudgetExceededError)
      await expect(refused).rejects.toMatchObject({ waitingHelps: true })
      expect(run.error).toBeUndefined()
      await hold.release()
    })
    expect(waited.mock.calls).toMatchObject([[{ gotIt: false }]])
    expect(model.arrived).toEqual([])
  })

  test('is left out by a call that says so', async () => {
    const model = new FakeModel()
    await temporaryLedger({ waitForBudget: true }).run({ limits: LIMITS }, async (run) => {
      const hold = await run.reserve({ model: 'fake-1', usd: nano(1_000) })
      await expect(model.call(run, { more: { wait: false } })).rejects.toThrow(BudgetExceededError)
      await hold.release()
    })
  })

  test('is left out where it does not help', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger({ waitForBudget: true }).run({ limits: LIMITS }, async (run) => {
      await model.call(run, { cap: 900 })
      await model.call(run, { cap: 900, content: 'more' })
    })
    await expect(failed).rejects.toMatchObject({ waitingHelps: false })
  })

  test('ends with its run, however that is stopped', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ waitForBudget: true })
    const failed = ledger.run({ limits: LIMITS }, async (run) => {
      const hold = await run.reserve({ model: 'fake-1', usd: nano(1_000) })
      const waiting = model.call(run)
      await run.usage()
      await run.halt('enough')
      await expect(waiting).rejects.toThrow('enough')
      await hold.release()
    })
    await expect(failed).rejects.toThrow('enough')
    expect(model.arrived).toEqual([])
  })

  test('goes to the next in the line when one gives up', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ waitForBudget: true })
    await ledger.run({ id: 'r', limits: LIMITS }, async (run) => {
      const first = await inFlight(run, model)
      const impatient = model.call(run, { content: 'impatient', more: { wait: { ...WAIT, timeoutMs: 20 } } })
      const patient = model.call(run, { content: 'patient', cap: 900, used: 1 })
      await expect(impatient).rejects.toThrow(BudgetExceededError)
      await ledger.scopes.limit('run:r', { budget: nano(2_000) })
      await patient
      first.open()
      await first.call
    })
    expect(arrived(model)).toEqual(['first', 'patient'])
  })
})

describe('waiting for a pace', () => {
  const limits = { rate: { calls: 1, perMs: 1_000 } }

  test('lasts until the pace allows it, if that is in time', async () => {
    const clock = new ManualClock()
    const model = new FakeModel()
    const ledger = temporaryLedger({ clock, waitForBudget: true })
    const run = await ledger.open({ limits })
    await model.call(run)
    const next = model.call(run, { content: 'next' })
    await run.usage()
    await clock.advance(900)
    expect(arrived(model)).toEqual(['go'])
    await clock.advance(200)
    await next
    expect(arrived(model)).toEqual(['go', 'next'])
    await run.complete()
  })

  test('is refused at once where it would take too long', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ waitForBudget: { timeoutMs: 500 } })
    const run = await ledger.open({ limits: { rate: { calls: 1, perMs: 60_000 } } })
    await model.call(run)
    await expect(model.call(run, { content: 'next' })).rejects.toThrow(RateLimitedError)
    await run.complete()
  })
})
