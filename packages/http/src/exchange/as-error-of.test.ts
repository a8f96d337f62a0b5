import Anthropic from '@anthropic-ai/sdk'
import { BudgetExceededError, HoldfastError, RateLimitedError, usd } from 'holdfast'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { asErrorOf } from './as-error-of.ts'
import { testLedger } from './testing/guarded.ts'

/** What a run of a spent budget refuses a call with. */
async function refusal(): Promise<BudgetExceededError> {
  const refused = testLedger().run({ limits: { budget: usd('0.00001') } }, (run) =>
    run.call({ provider: 'openai', model: 'gpt-4o', request: { messages: [] } }, () =>
      Promise.reject(new Error('sent')),
    ),
  )
  return (await refused.catch((error: unknown) => error)) as BudgetExceededError
}

describe.each([
  ['OpenAI', OpenAI.OpenAIError],
  ['Anthropic', Anthropic.AnthropicError],
])('an error of ours as one of %s', (_, SdkError) => {
  test('is both', async () => {
    const ours = await refusal()
    const both = asErrorOf(SdkError, ours)
    expect(both).toBeInstanceOf(SdkError)
    expect(both).toBeInstanceOf(Error)
    expect(both instanceof BudgetExceededError).toBe(true)
    expect(both instanceof HoldfastError).toBe(true)
    expect(both instanceof RateLimitedError).toBe(false)
    expect(BudgetExceededError.isInstance(both)).toBe(true)
    expect(HoldfastError.find(new Error('wrapped', { cause: both }))).toBe(both)
    expect(asErrorOf(SdkError, both)).toBe(both)
    expect(asErrorOf(SdkError, ours)).toBe(both)
  })

  test('tells all that ours tells', async () => {
    const ours = await refusal()
    const both = asErrorOf(SdkError, ours)
    expect(both.toJSON()).toEqual(ours.toJSON())
    expect(Object.keys(both)).toEqual(Object.keys(ours))
    for (const name of ['name', 'message', 'stack', 'code', 'status', 'docs', 'retryable', 'cause', 'scope'] as const)
      expect(both[name as 'name']).toBe(ours[name as 'name'])
    expect(String(both)).toBe(String(ours))
    expect(both.constructor).toBe(BudgetExceededError)
  })
})

test('an error that came back from the store is both as well', async () => {
  const ledger = testLedger()
  const ours = await refusal()
  const call = { provider: 'openai', model: 'gpt-4o-mini', request: { messages: [] } }
  const controller = new AbortController()
  const first = ledger.run({ id: 'r', signal: controller.signal }, async (run) => {
    await run.call(call, () => Promise.reject(ours)).catch(() => controller.abort(new Error('crash')))
    throw new Error('crash')
  })
  await expect(first).rejects.toThrow('crash')
  const again = ledger.run({ id: 'r' }, (run) => run.call(call, () => Promise.resolve('sent')))
  const revived = (await again.catch((error: unknown) => error)) as HoldfastError
  expect(revived).not.toBe(ours)
  const both = asErrorOf(OpenAI.OpenAIError, revived)
  expect(BudgetExceededError.isInstance(both)).toBe(true)
  expect(both.toJSON()).toEqual(ours.toJSON())
})

test.each(['the error itself', 'its copy'])('a run that was halted ends the same with %s', async (which) => {
  const ledger = testLedger()
  const ended = ledger.run({ id: 'r', limits: { budget: usd('0.00001') } }, async (run) => {
    const call = { provider: 'openai', model: 'gpt-4o', request: { messages: [] } }
    try {
      await run.call(call, () => Promise.resolve('sent'))
    } catch (error) {
      throw which === 'its copy' ? asErrorOf(OpenAI.OpenAIError, error as HoldfastError) : error
    }
  })
  await expect(ended).rejects.toThrow(BudgetExceededError)
  const view = await ledger.runs.get('r')
  expect(view).toMatchObject({ status: 'failed', error: { code: 'budget-exceeded' } })
})
