import { describe, expect, test, vi } from 'vitest'
import { formatUsage } from '../budget/format-usage.ts'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { gate } from '../testing/counted-tool.ts'
import { Deeds } from '../testing/deeds.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { usd } from '../usd.ts'
import { coreOf, type Run } from './run.ts'

/** Ten cents for a token of output, and nothing for input. */
const price = { input: 0, output: 100_000, per: 1_000_000 } as const

/** A model call of at most `most` tokens of output, which came to `used` of them. */
function ask(run: Run, most: number, used: number, meanwhile: () => Promise<unknown> = async () => undefined) {
  const request = { model: 'm', messages: [{ role: 'user', content: 'hi' }], max_tokens: most }
  return run.call({ provider: 'x', model: 'm', price, request }, async () => {
    await meanwhile()
    return { usage: { prompt_tokens: 10, completion_tokens: used, total_tokens: used + 10 } }
  })
}

describe('what a run has used', () => {
  test('is what its calls cost, and what those in flight hold, to the nano-dollar', async () => {
    const ledger = temporaryLedger()
    await ledger.run({ id: 'r', limits: { budget: usd(2), calls: 5, finalReserve: usd('0.30') } }, async (run) => {
      await ask(run, 5, 2)
      expect(await run.usage()).toMatchObject({
        spent: usd('0.20'),
        held: 0,
        remaining: usd('1.50'),
        tokens: 12,
        calls: 1,
      })
      const { started, pass, open } = gate<void>()
      const second = ask(run, 5, 1, pass)
      await started
      const usage = await run.usage()
      expect(usage).toMatchObject({ spent: usd('0.20'), held: usd('0.50'), remaining: usd(1), tokens: 12, calls: 2 })
      expect(formatUsage(usage)).toContain('run:r: $0.20 spent, $0.50 held, $1.00 left; 12 tokens, 2 calls')
      open()
      await second
      expect(await run.usage()).toMatchObject({
        spent: usd('0.30'),
        held: 0,
        remaining: usd('1.40'),
        tokens: 23,
        calls: 2,
      })
    })
    expect(await ledger.scopes.usage('run:r')).toMatchObject({ spent: usd('0.30'), held: 0, calls: 2 })
  })

  test('is summed up for the run alone, however much its other scopes have ever had', async () => {
    const ledger = temporaryLedger({ scopes: { ledger: { calls: 9 }, 'user:*': {} } })
    await ledger.run({ id: 'r', scopes: ['user:ann'], limits: { budget: usd(2) } }, async (run) => {
      const readUsage = vi.spyOn(coreOf(run).context.store, 'readUsage')
      expect((await run.usage()).limits.map(({ scope }) => scope)).toEqual(['run:r', 'ledger'])
      expect(readUsage.mock.calls.map(([scope]) => scope)).toEqual(['run:r'])
    })
  })

  test('counts what runs below it use, and what is left is the least of all its scopes', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': { budget: usd(1), window: { every: 'day' } } } })
    await ledger.run({ id: 'up', limits: { budget: usd(5) } }, async (run) => {
      await ledger.run({ id: 'below', scopes: ['user:ann'] }, async (child) => {
        await ask(child, 5, 4)
        const { spent, remaining, resetsAt } = await child.usage()
        expect([spent, remaining]).toEqual([usd('0.40'), usd('0.60')])
        expect(resetsAt?.getUTCHours()).toBe(0)
      })
      expect(await run.usage()).toMatchObject({ spent: usd('0.40'), remaining: usd('4.60'), resetsAt: undefined })
    })
  })

  test('is known also where nothing limits it', async () => {
    const ledger = temporaryLedger()
    await ledger.run({ id: 'r' }, async (run) => {
      await ask(run, 5, 3)
      expect(await run.usage()).toMatchObject({ spent: usd('0.30'), remaining: undefined, limits: [] })
    })
    expect(await ledger.scopes.usage('ledger')).toMatchObject({ spent: usd('0.30'), calls: 1 })
  })
})

describe('a run that a budget has stopped', () => {
  const stopped = async (onBudgetExceeded: 'compensate' | 'keep', swallow: boolean) => {
    const deeds = new Deeds()
    const book = deeds.step('book')
    const folder = temporaryFolder()
    const ledger = temporaryLedger({}, folder)
    const run = ledger.run({ id: 'r', limits: { budget: usd(1) }, onBudgetExceeded }, async (run) => {
      await book({ note: 'a' })
      await ask(run, 8, 8)
      await ask(run, 8, 8).catch((error: unknown) => (swallow ? 'never mind' : Promise.reject(error)))
      return 'done'
    })
    return { error: await run.catch((error: unknown) => error), deeds, folder }
  }

  test.each([true, false])(
    'throws at its end why, and is undone or kept as it was told (swallowed: %s)',
    async (swallow) => {
      const kept = await stopped('keep', swallow)
      expect(kept.error).toMatchObject({ scope: 'run:r', limit: usd(1), spent: usd('0.80'), overage: usd('0.60') })
      expect([BudgetExceededError.isInstance(kept.error), kept.deeds.undone]).toEqual([true, []])
      expect((await stopped('compensate', swallow)).deeds.undone).toEqual(['book a'])
    },
  )

  test('has the same error for another process', async () => {
    const { folder } = await stopped('keep', true)
    const again = await temporaryLedger({}, folder)
      .run({ id: 'r' }, () => 1)
      .catch((error: unknown) => error)
    expect(BudgetExceededError.find(again)).toMatchObject({ status: 402, overage: usd('0.60'), model: 'm' })
  })
})
