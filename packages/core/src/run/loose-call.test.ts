import { describe, expect, test } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import type { Ledger } from '../ledger.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import { type Usd, usd } from '../usd.ts'
import type { Run } from './run.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd

/** As an adapter calls. */
const loose = (ledger: Ledger) => ({ call: ledger.call.bind(ledger) }) as unknown as Pick<Run, 'call'>

describe('a model call outside of any run', () => {
  test('is on record as a small run of its own, and its answer is not served again', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ session: 's' })
    for (let time = 0; time < 2; time++)
      expect(await model.call(loose(ledger), { used: 10 })).toMatchObject({ text: 'said' })
    expect(model.arrived).toHaveLength(2)
    expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['completed', 'completed'])
    expect((await ledger.scopes.usage('loose:s')).spent).toBe(nano(20))
    expect((await ledger.scopes.usage('session:s')).spent).toBe(nano(20))
  })

  test('shares a dollar with the others, and the error names the variable that says so', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const half = { cap: 250_000 }
    // Eight in flight, each of which could cost half a dollar.
    const calls = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => model.call(loose(ledger), { ...half, content: `call ${index}` })),
    )
    expect(model.arrived).toHaveLength(2)
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    const refused = model.call(loose(ledger), half)
    await expect(refused).rejects.toThrow(BudgetExceededError)
    await expect(refused).rejects.toThrow(/HOLDFAST_BUDGET/)
    // A run beside them is not touched by it.
    await ledger.run({ limits: { budget: usd(2) } }, (run) => model.call(run, { cap: 900_000 }))
  })

  test('stops nothing but itself when it is refused', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    await expect(
      model.call(loose(ledger), { cap: 600_000, more: { price: { input: 0, output: 1e6 } } }),
    ).rejects.toThrow(BudgetExceededError)
    expect(await model.call(loose(ledger))).toMatchObject({ text: 'said' })
    expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['completed', 'failed'])
  })

  test('has the limits of the ledger instead of the dollar where it has some', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ session: 's', limits: { budget: nano(1_500) } })
    await ledger.run((run) => model.call(run))
    const refused = model.call(loose(ledger), { cap: 900 })
    // As much as is left.
    await expect(refused).resolves.toMatchObject({ text: 'said' })
    expect(model.arrived.at(-1)?.max_tokens).toBe(500)
    await expect(model.call(loose(ledger))).rejects.toMatchObject({ scope: 'session:s' })
  })

  test('within a run is a call of that run', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger({ session: 's' })
    await ledger.run({ id: 'r' }, () => model.call(loose(ledger)))
    expect(await ledger.calls.list()).toMatchObject([{ runId: 'r' }])
    expect((await ledger.scopes.usage('loose:s')).spent).toBe(0)
  })

  test('within run.final says goodbye as a call of the run does', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const failed = ledger.run({ limits: { budget: nano(1_500), finalReserve: nano(500) } }, async (run) => {
      await model.call(run)
      await expect(model.call(run, { content: 'more' })).rejects.toThrow(BudgetExceededError)
      await run.final(() => model.call(loose(ledger), { cap: 500, content: 'goodbye' }))
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(2)
  })

  test('throws the error of its sender as it is', async () => {
    const ledger = temporaryLedger()
    const error = Object.assign(new Error('overloaded'), { status: 529 })
    const call = { provider: 'fake', model: 'fake-1', request: { messages: [] } }
    await expect(ledger.call({ ...call, price: { input: 0 } }, () => Promise.reject(error))).rejects.toBe(error)
    expect(await ledger.runs.list()).toMatchObject([{ status: 'failed' }])
  })
})
