import { expect, test } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import type { ModelPrice } from '../price/model-price.ts'
import { temporaryLedger } from '../testing/story.ts'
import { usd } from '../usd.ts'

const LIMITS = { limits: { budget: usd('0.05') } }

function call(price: ModelPrice, text: string) {
  const request = { model: 'm', messages: [{ role: 'user', content: text }], max_completion_tokens: 1_000 }
  return { provider: 'openai', model: 'm', price, request }
}

test('of requests that cost a cent each, whatever their tokens, five cents pay for five', async () => {
  let sent = 0
  const failed = temporaryLedger().run(LIMITS, async (run) => {
    for (let turn = 0; turn < 20; turn++) {
      await run.call(call({ requests: '0.01' }, `turn ${turn}`), async () => {
        sent++
        return { model: 'm', usage: { prompt_tokens: 1_000, completion_tokens: 1_000, total_tokens: 2_000 } }
      })
    }
  })
  await expect(failed).rejects.toThrow(BudgetExceededError)
  expect(sent).toBe(5)
})

test('an answer that counts seconds of a model that is priced by tokens is charged, as a guess', async () => {
  await temporaryLedger().run(LIMITS, async (run) => {
    const answer = { model: 'm', usage: { type: 'duration', seconds: 60 } }
    await run.call(call({ input: 1, output: 1 }, 'hello'), async () => answer)
    const { spent, held } = await run.usage()
    // What goes in is bounded by some 2,048 hidden tokens, what came out by its bytes.
    expect(spent).toBeGreaterThan(2_048_000)
    expect(held).toBe(0)
  })
})

test('what a host calls a cost is neither dollars nor a reason to stop, unless it is known to be dollars', async () => {
  await temporaryLedger().run(LIMITS, async (run) => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 0.04 }
    const price = { input: 1, output: 1 }
    await run.call({ ...call(price, 'one'), provider: 'groq' }, async () => ({ usage }))
    expect(await run.usage()).toMatchObject({ spent: 15_000 })
    await run.call({ ...call(price, 'two'), provider: 'openrouter' }, async () => ({ usage }))
    expect(await run.usage()).toMatchObject({ spent: 15_000 + usd('0.04') })
  })
})
