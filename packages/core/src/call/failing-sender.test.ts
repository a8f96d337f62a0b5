import { describe, expect, test } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { tool } from '../run/callable-tool.ts'
import { guardCall } from '../run/guard-call.ts'
import type { Run } from '../run/run.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { FakeModel, nanoOf, OUTPUT_PRICE } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd
const CALL = { provider: 'fake', model: 'agent', price: OUTPUT_PRICE, maxOutputTokens: 1_000 }
const CHARGED = { status: 'charged', spent: nano(1_000), held: 0 }
const refused = Object.assign(new Error('refused'), { status: 429 })

/** What a call came to whose sender did this, and threw. */
async function costAfter(sender: (run: Run) => Promise<unknown>) {
  const ledger = temporaryLedger()
  await ledger
    .run({ id: 'r', limits: { budget: nano(10_000) }, onError: 'keep' }, async (run) => {
      await expect(run.call({ ...CALL, request: { messages: [] } }, () => sender(run))).rejects.toThrow()
    })
    .catch(() => undefined)
  const { spent, held } = await ledger.scopes.usage('run:r')
  const call = (await ledger.calls.list()).find(({ model }) => model === 'agent')
  return { status: call?.cost?.status, spent, held }
}

describe('a sender in which something else was refused', () => {
  test.each([
    ['a limit of effects', { tools: { refund: { effects: 1 } } }],
    ['a rate', { tools: { refund: { rate: { effects: 1, perMs: 60_000 } } } }],
  ])('by %s may have been billed before that', async (_, limits) => {
    const ledger = temporaryLedger()
    const refund = countedTool('refund')
    const agent = guardCall(ledger, CALL, async (_: { readonly messages: readonly string[] }) => {
      for (const note of ['one', 'two']) await refund({ note })
      return {}
    })
    const run = ledger.run({ id: 'r', limits: { ...limits, budget: nano(10_000) }, onError: 'keep' }, () =>
      agent({ messages: ['go'] }),
    )
    await expect(run).rejects.toThrow(/refund/)
    expect(refund.done).toEqual(['one'])
    expect((await ledger.scopes.usage('run:r')).spent).toBe(nano(1_000))
  })

  test('because its arguments do not fit may have been billed before that', async () => {
    const error = new InvalidArgumentsError({ tool: 'strict', issues: [] })
    expect(await costAfter(() => Promise.reject(error))).toEqual(CHARGED)
  })

  test('which was another call: that one cost nothing, and nobody knows of the first', async () => {
    const model = new FakeModel()
    const sender = async (run: Run) => {
      const inner = model.call(run, { more: { price: { input: 1e6 } } })
      await expect(inner).rejects.toThrow(BudgetExceededError)
      return inner
    }
    expect(await costAfter(sender)).toEqual(CHARGED)
    expect(model.arrived).toEqual([])
  })
})

describe('a sender that called a tool, or another model', () => {
  const failing = (error: unknown, effect: 'read' | 'write') =>
    tool({ name: 'failing', effect, execute: () => Promise.reject(error) })

  test.each([
    ['whose service refused it', refused, 'write'],
    ['that read, and was refused', refused, 'read'],
    ['whose service was not there', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'write'],
    ['that says that it did nothing', new NotAppliedError('declined'), 'write'],
  ] as const)('%s: the error says nothing of the call', async (_, error, effect) => {
    expect(await costAfter(() => failing(error, effect)({}) as Promise<unknown>)).toEqual(CHARGED)
  })

  test('whose provider refused it: the error says nothing of the call around it', async () => {
    const model = new FakeModel()
    const sender = (run: Run) => model.call(run, { send: () => Promise.reject(refused) })
    expect(await costAfter(sender)).toEqual(CHARGED)
  })

  test('only made a value: its error is that of the request', async () => {
    const sender = async (run: Run) => {
      await run.uuid()
      throw refused
    }
    expect(await costAfter(sender)).toEqual({ status: 'released', spent: 0, held: 0 })
  })
})
