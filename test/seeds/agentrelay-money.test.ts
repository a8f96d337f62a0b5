/**
 * The weaknesses of AgentRelay that are about money, each with a test that ours does not have it. The others are in
 * agentrelay.test.ts and agentrelay-compensation.test.ts.
 */
import { BudgetExceededError, ConfigError, formatUsd, type Run, usd } from 'holdfast'
import { expect, test, vi } from 'vitest'
import { memoryLedger } from './support/ledgers.ts'

const PRICE = { input: 3, output: 15, per: 1_000_000 } as const

/** What an SDK answers with: an instance, whose usage is a member. */
class ChatCompletion {
  readonly model = 'm'
  readonly usage: object

  constructor(usage: object) {
    this.usage = usage
  }
}

test.each([
  ['an OpenAI chat completion', { prompt_tokens: 1_000, completion_tokens: 100 }],
  ['a Responses answer', { input_tokens: 1_000, output_tokens: 100 }],
  ['an Anthropic message', { input_tokens: 1_000, output_tokens: 100, cache_read_input_tokens: 0 }],
])('R7: the usage of %s as an SDK gives it is read, and paid for', async (_, usage) => {
  const ledger = memoryLedger()
  const answer = new ChatCompletion(usage)
  await ledger.run({ id: 'r7' }, async (run) => {
    const request = { model: 'm', messages: [{ role: 'user', content: 'hi' }] }
    expect(await run.call({ provider: 'any', model: 'm', request, price: PRICE }, async () => answer)).toBe(answer)
    // 1,000 in × $3/M + 100 out × $15/M = $0.003 + $0.0015
    expect((await run.usage()).spent).toBe(usd('0.0045'))
  })
  expect(await ledger.calls.list()).toMatchObject([{ status: 'succeeded', cost: { status: 'settled' } }])
})

test('R8: a call that could break the budget is refused before it is sent', async () => {
  const ledger = memoryLedger()
  const send = vi.fn(async () => ({ usage: { prompt_tokens: 10, completion_tokens: 1_000_000 } }))
  const request = { messages: [], max_tokens: 1_000_000 }
  const failed = ledger.run({ limits: { budget: usd('0.01') } }, (run) =>
    // $5 for a million tokens of output, of which it asks for a million; at least 256 of use are $0.00128, and the input.
    run.call(
      { provider: 'any', model: 'm', request, price: { input: 5, output: 5 }, maxOutputTokens: 1_000_000 },
      send,
    ),
  )
  await expect(failed).rejects.toThrow(BudgetExceededError)
  expect(send).not.toHaveBeenCalled()
})

test('R8: an answer that cost more than was expected is given to the agent, and on record as paid for', async () => {
  const ledger = memoryLedger()
  let said: unknown
  const failed = ledger.run({ id: 'r8', limits: { budget: usd('0.05') } }, async (run) => {
    said = await ask(run, 'first', 5_000)
    await ask(run, 'second', 1)
  })
  await expect(failed).rejects.toThrow(BudgetExceededError)
  expect(said).toMatchObject({ text: 'first' })
  const [call] = await ledger.calls.list()
  expect(call).toMatchObject({ status: 'succeeded', response: { text: 'first' } })
  // 10 in × $3/M + 5,000 out × $15/M = $0.07503, in full.
  expect(formatUsd(call?.cost?.spent)).toBe('$0.07503')
})

test('R16, B9: money is counted in whole numbers: what is spent is the exact sum, however often', async () => {
  const ledger = memoryLedger()
  await ledger.run({ id: 'r16' }, async (run) => {
    for (let call = 0; call < 30; call++) {
      const request = { messages: [String(call)] }
      const price = { input: 0, output: '0.1', per: 1_000 } as const
      const usage = { prompt_tokens: 1, completion_tokens: 1 }
      await run.call({ provider: 'any', model: 'm', request, price }, async () => ({ usage }))
    }
    // As floats, 30 × 0.0001 are 0.0030000000000000005.
    expect((await run.usage()).spent).toBe(usd('0.003'))
    expect(formatUsd((await run.usage()).spent)).toBe('$0.003')
  })
  expect((await ledger.calls.list())[0]?.cost?.exactUsd).toBe('0.0001')
})

test('R17: a price says what it is for, so that a thousand tokens are not taken for a million', async () => {
  const ledger = memoryLedger()
  const usage = { prompt_tokens: 1_000, completion_tokens: 1_000 }
  const cost = async (price: object | undefined) => {
    const run = await ledger.open({})
    const call = { provider: 'openai', model: 'gpt-4o-mini', request: { messages: [] } }
    await run.call({ ...call, ...(price === undefined ? {} : { price }) }, async () => ({ usage }))
    return formatUsd((await run.usage()).spent)
  }
  // Its real price needs no word: 1,000 in × $0.15/M + 1,000 out × $0.60/M.
  expect(await cost(undefined)).toBe('$0.00075')
  expect(await cost({ input: 0.15, output: 0.6 })).toBe('$0.00075')
  expect(await cost({ input: 0.15, output: 0.6, per: 1_000_000 })).toBe('$0.00075')
  expect(await cost({ input: 0.00015, output: 0.0006, per: 1_000 })).toBe('$0.00075')
  await expect(cost({ input: 0.15, output: 0.6, per: 100 })).rejects.toThrow(ConfigError)
  await expect(cost({ input_cost_per_1k: 0.15 })).rejects.toThrow(ConfigError)
})

/** A call with room for a little, whose answer is of any length. */
function ask(run: Run, text: string, tokens: number): Promise<unknown> {
  const request = { messages: [text], max_tokens: 1_000 }
  const usage = { prompt_tokens: 10, completion_tokens: tokens }
  return run.call({ provider: 'any', model: 'm', request, price: PRICE }, async () => ({ text, usage }))
}
