import { describe, expect, test } from 'vitest'
import type { Run } from '../run/run.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import { usd } from '../usd.ts'
import { formatRun } from './format-run.ts'
import { tokensOf } from './token-counts.ts'

describe('what a call cost', () => {
  test('is shown with the call, in views and exports, and in all with its run', async () => {
    const ledger = temporaryLedger()
    const model = new FakeModel()
    await ledger.run({ id: 'r' }, async (run) => {
      await model.call(run, { used: 300 })
      await ledger.run({ id: 'child' }, (child) => model.call(child, { used: 50 }))
    })
    const [call] = await ledger.calls.list({ runId: 'r' })
    expect(call?.cost).toEqual({
      ...{ status: 'settled', held: nanoOf(1_000), spent: nanoOf(300), exactUsd: '0.0006', tokens: 310 },
      ...{ priceVersion: expect.any(String), bounded: true, estimated: false },
    })
    expect(call?.usage).toEqual({ input: 10, output: 300 })
    const exported = await ledger.runs.export('r')
    expect(exported.calls[0]?.cost).toEqual({
      ...{ status: 'settled', heldNano: nanoOf(1_000), spentNano: nanoOf(300), exactUsd: '0.0006', tokens: 310 },
      ...{ priceVersion: call?.cost?.priceVersion, bounded: true, estimated: false },
    })
    // With what the run below it spent.
    expect(exported.cost).toEqual({ spentNano: nanoOf(350), heldNano: 0, tokens: 370, calls: 2 })
    expect(await ledger.runs.export('r')).toEqual(exported)
    expect(formatRun(exported)).toContain('model fake-1 → 10 tokens in, 300 out, $0.0006')
    expect(formatRun(exported)).toContain('$0.0007 spent')
  })

  test('is open while the call is in flight, and of a lost one all that was held', async () => {
    const ledger = temporaryLedger()
    const model = new FakeModel()
    await ledger.run({ id: 'r' }, async (run) => {
      const send = async () => {
        const [call] = await ledger.calls.list()
        expect(call?.cost).toMatchObject({ status: 'open', held: nanoOf(1_000), spent: null, tokens: null })
        expect((await ledger.runs.export('r')).cost).toMatchObject({ spentNano: 0, heldNano: nanoOf(1_000) })
        throw new Error('the connection broke')
      }
      await model.call(run, { send }).catch(() => undefined)
    })
    const exported = await ledger.runs.export('r')
    expect(exported.calls[0]?.cost).toMatchObject({ status: 'charged', spentNano: nanoOf(1_000) })
    expect(formatRun(exported)).toContain('model fake-1: the connection broke, at most $0.002')
  })

  test('is unknown where no price is: that is not nothing', async () => {
    const ledger = temporaryLedger()
    const request = { messages: [] }
    const usage = { prompt_tokens: 10, completion_tokens: 5 }
    await ledger.run({ id: 'r' }, (run) => run.call({ provider: 'x', model: 'm', request }, async () => ({ usage })))
    const [call] = await ledger.calls.list()
    expect(call?.cost).toMatchObject({ status: 'settled', spent: null, tokens: 15 })
    expect(formatRun(await ledger.runs.export('r'))).toContain('model m → 10 tokens in, 5 out  ')
  })
})

test('money that is put aside by hand, and parts of a limit, have lines of their own', async () => {
  const ledger = temporaryLedger()
  const limits = { budget: usd('0.01'), thresholds: [0.5] }
  await ledger.run({ id: 'r', limits }, async (run) => {
    const [settled, released, left] = [await hold(run), await hold(run), await hold(run)]
    await settled?.settle({ usd: usd('0.0045') })
    await released?.release()
    await left?.[Symbol.asyncDispose]()
    await left?.settle({ usd: usd('0.001') })
  })
  const lines = formatRun(await ledger.runs.export('r')).split('\n')
  expect(lines.map((line) => line.replace(/^.{11} {2}/, '')).slice(2, -3)).toEqual([
    ...Array.from({ length: 3 }, () => '◆ $0.002 put aside for gpt-5'),
    '◆ gpt-5 cost $0.0045',
    '· what was put aside for gpt-5 was given back',
    '! nobody said what gpt-5 cost: $0.002 counts, all that was put aside',
    '! 50% of the budget of run:r is used',
    '· a call that was over turned out to cost $0.001',
  ])
})

function hold(run: Run) {
  return run.reserve({ model: 'gpt-5', usd: usd('0.002') })
}

test.each([
  ['in our units, of which each token is in one', { input: 10, cacheRead: 90, output: 5, reasoning: 7 }, 100, 12],
  ['as OpenAI counts', { prompt_tokens: 100, completion_tokens: 12 }, 100, 12],
  ['as Gemini counts', { promptTokenCount: 100, candidatesTokenCount: 12 }, 100, 12],
])('tokens are shown %s', (_, usage, input, output) => {
  expect(tokensOf(usage)).toEqual({ input, output })
})
