import { describe, expect, test } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'
import type { Run } from './run.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd
const LIMITS = { budget: nano(1_500), finalReserve: nano(500) }

/** Spends all but what is kept back. */
async function spendAll(run: Run, model: FakeModel): Promise<void> {
  await model.call(run)
  await expect(model.call(run, { content: 'more' })).rejects.toThrow(BudgetExceededError)
}

describe('run.final', () => {
  test('lets an agent say goodbye with what was kept back for it, and the halt stands', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const failed = ledger.run({ id: 'r', limits: LIMITS }, async (run) => {
      await spendAll(run, model)
      const bye = await run.final((same) => {
        expect(same).toBe(run)
        return model.call(run, { cap: 500, content: 'goodbye', used: 400 })
      })
      expect(bye).toMatchObject({ text: 'said' })
      await expect(model.call(run, { cap: 1, content: 'one more' })).rejects.toThrow(BudgetExceededError)
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect(model.arrived.map(({ messages }) => messages[0]?.content)).toEqual(['go', 'goodbye'])
    expect((await ledger.scopes.usage('run:r')).spent).toBe(nano(1_400))
  })

  test('spends no more than was kept back', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run({ limits: LIMITS }, async (run) => {
      await spendAll(run, model)
      await run.final(async () => {
        await model.call(run, { cap: 500, content: 'goodbye' })
        await expect(model.call(run, { cap: 300, content: 'and' })).rejects.toMatchObject({ limit: nano(1_500) })
      })
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(2)
  })

  test('keeps its part back for nobody else', async () => {
    const model = new FakeModel()
    await temporaryLedger().run({ limits: LIMITS }, async (run) => {
      expect((await run.usage()).remaining).toBe(nano(1_000))
      await model.call(run, { cap: 1_000 })
      await run.final(() => model.call(run, { cap: 500, content: 'goodbye' }))
      expect((await run.usage()).spent).toBe(nano(1_500))
    })
  })

  test('works where a run above has the limit', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const failed = ledger.run({ id: 'parent', limits: LIMITS }, () =>
      ledger.run({ id: 'child' }, async (child) => {
        await spendAll(child, model)
        await child.final(() => model.call(child, { cap: 500, content: 'goodbye' }))
      }),
    )
    await expect(failed).rejects.toMatchObject({ scope: 'run:parent' })
    expect(model.arrived).toHaveLength(2)
  })

  test('is over when its work is: what that left behind is refused as everything else', async () => {
    const model = new FakeModel()
    const { pass, open, started } = gate<void>()
    const failed = temporaryLedger().run({ limits: LIMITS }, async (run) => {
      let left: Promise<unknown> = Promise.resolve()
      await run.final(() => {
        left = pass().then(() => model.call(run, { cap: 100, content: 'late' }))
      })
      await started
      await spendAll(run, model)
      open()
      await expect(left).rejects.toThrow(BudgetExceededError)
      const failing = run.final(() => Promise.reject(new Error('no words')))
      await expect(failing).rejects.toThrow('no words')
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(1)
  })

  test('is one call more than a run may make, and no second one', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const failed = ledger.run({ id: 'r', limits: { calls: 1 } }, async (run) => {
      await model.call(run)
      await expect(model.call(run, { content: 'more' })).rejects.toThrow(LimitExceededError)
      await run.final(async () => {
        await model.call(run, { content: 'goodbye' })
        await expect(model.call(run, { content: 'and' })).rejects.toMatchObject({ what: 'calls', limit: 1, spent: 2 })
      })
    })
    await expect(failed).rejects.toMatchObject({ what: 'calls', spent: 1 })
    expect(model.arrived).toHaveLength(2)
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('is no call more of what runs share', async () => {
    const model = new FakeModel()
    const scopes = { 'user:*': { calls: 1 } }
    const failed = temporaryLedger({ scopes }).run({ scopes: ['user:ann'] }, async (run) => {
      await model.call(run)
      await expect(model.call(run, { content: 'more' })).rejects.toThrow(LimitExceededError)
      await expect(run.final(() => model.call(run, { content: 'goodbye' }))).rejects.toThrow(LimitExceededError)
    })
    await expect(failed).rejects.toMatchObject({ scope: 'user:ann' })
    expect(model.arrived).toHaveLength(1)
  })

  test('goes on with the tokens that are left', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run({ limits: { tokens: 8_300 } }, async (run) => {
      await model.call(run, { cap: 6_000 })
      await expect(model.call(run, { content: 'more' })).rejects.toMatchObject({ what: 'tokens' })
      await run.final(() => model.call(run, { cap: 100, content: 'goodbye' }))
    })
    await expect(failed).rejects.toMatchObject({ what: 'tokens' })
    expect(model.arrived).toHaveLength(2)
  })

  test('opens no run of its own', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const failed = ledger.run({ limits: LIMITS }, async (run) => {
      await spendAll(run, model)
      const child = run.final(() => ledger.run({ name: 'child' }, (inner) => model.call(inner, { cap: 100 })))
      await expect(child).rejects.toThrow(BudgetExceededError)
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(1)
  })

  test('is for all that the sender of a call asks for', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run({ limits: LIMITS }, async (run) => {
      await spendAll(run, model)
      const send = () => model.call(run, { cap: 100, content: 'the other model' })
      await run.final(() => model.call(run, { cap: 100, content: 'goodbye', send }))
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(3)
  })

  test('of no function is a mistake', async () => {
    const goodbye = temporaryLedger().run((run) => run.final('goodbye' as never))
    await expect(goodbye).rejects.toThrow(ConfigError)
  })

  test('makes no value', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run({ limits: LIMITS }, async (run) => {
      await spendAll(run, model)
      await run.final(() => expect(run.now()).rejects.toThrow(BudgetExceededError))
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
  })

  test('starts no tool', async () => {
    const model = new FakeModel()
    const charge = countedTool('charge')
    const failed = temporaryLedger().run({ limits: LIMITS }, async (run) => {
      await spendAll(run, model)
      await run.final(async () => {
        await expect(charge({ note: 'late' })).rejects.toThrow(BudgetExceededError)
      })
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    expect(charge.done).toEqual([])
  })

  test('passes no other halt', async () => {
    const model = new FakeModel()
    const failed = temporaryLedger().run({ limits: LIMITS }, async (run) => {
      await run.halt('enough')
      await expect(run.final(() => model.call(run))).rejects.toThrow('enough')
    })
    await expect(failed).rejects.toThrow('enough')
    expect(model.arrived).toEqual([])
  })

  test('passes no halt that comes after that of a limit, in the run or above it', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const failed = ledger.run({ limits: LIMITS }, async (run) => {
      await spendAll(run, model)
      await run.final(async () => {
        await run.halt('enough')
        await expect(model.call(run, { cap: 100 })).rejects.toThrow(BudgetExceededError)
      })
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    const above = ledger.run({ id: 'parent', limits: LIMITS }, (parent) =>
      ledger.run({ id: 'child' }, async (child) => {
        await spendAll(child, model)
        await parent.halt('enough')
        await expect(child.final(() => model.call(child, { cap: 100 }))).rejects.toThrow(BudgetExceededError)
      }),
    )
    await expect(above).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(2)
  })

  test('passes no limit of effects or time either', async () => {
    const model = new FakeModel()
    const charge = countedTool('charge')
    const failed = temporaryLedger().run({ limits: [{ effects: 1 }, LIMITS] }, async (run) => {
      await charge({ note: 'one' })
      await expect(charge({ note: 'two' })).rejects.toMatchObject({ what: 'effects' })
      await expect(run.final(() => model.call(run))).rejects.toMatchObject({ what: 'effects' })
    })
    await expect(failed).rejects.toMatchObject({ what: 'effects' })
    expect(model.arrived).toEqual([])
  })

  test('ends with the run, and with its cancellation: told is what had stopped it first', async () => {
    const model = new FakeModel()
    const ledger = temporaryLedger()
    const run = await ledger.open({ id: 'r', limits: LIMITS })
    await spendAll(run, model)
    await ledger.runs.cancel('r')
    await expect(run.final(() => model.call(run, { cap: 500 }))).rejects.toThrow(BudgetExceededError)
    const other = await ledger.open({ id: 'other', limits: LIMITS })
    await spendAll(other, model)
    await other.fail(other.error)
    await expect(other.final(() => model.call(other, { cap: 500 }))).rejects.toThrow(BudgetExceededError)
    expect(model.arrived).toHaveLength(2)
  })

  test('is aborted by the caller of the run, which its halt did not do', async () => {
    const model = new FakeModel()
    const controller = new AbortController()
    const failed = temporaryLedger().run({ limits: LIMITS, signal: controller.signal }, async (run) => {
      await spendAll(run, model)
      await run.final(() =>
        model.call(run, {
          cap: 500,
          send: async ({ signal }) => {
            expect(signal.aborted).toBe(false)
            controller.abort(new Error('closed'))
            expect(signal.aborted).toBe(true)
            throw signal.reason
          },
        }),
      )
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
  })
})
