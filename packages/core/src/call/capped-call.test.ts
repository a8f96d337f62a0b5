import { describe, expect, test, vi } from 'vitest'
import { estimateRequest } from '../estimate/estimate-request.ts'
import type { Run } from '../run/run.ts'
import { FakeModel, nanoOf, OUTPUT_PRICE } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'
import type { CallContext } from './call-request.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd
const budget = (tokens: number) => ({ limits: { budget: nano(tokens) } })

/** Sends a request of any shape and answers what its sender was given. */
async function given(
  run: Run,
  provider: string,
  request: Record<string, unknown>,
  more: object = {},
): Promise<CallContext> {
  let given: CallContext | undefined
  const call = { provider, model: 'm', request, price: OUTPUT_PRICE, ...more }
  await run.call(call, async (context) => {
    given = context
    return { usage: { prompt_tokens: 1, completion_tokens: 1 } }
  })
  return given as CallContext
}

const messages = [{ role: 'user', content: 'go' }]

describe('the output of a call', () => {
  test('is not capped where nothing limits it: what is sent is the very object of the caller', async () => {
    const request = { messages }
    await temporaryLedger().run(async (run) => {
      const sent = await given(run, 'openai', request)
      expect(sent.request).toBe(request)
      expect(sent.maxOutputTokens).toBeUndefined()
      expect(sent.heldOutputTokens).toBeUndefined()
    })
  })

  test.each([
    ['openai', { messages }, { messages, max_completion_tokens: 16_384 }],
    ['mistral', { messages }, { messages, max_tokens: 16_384 }],
    ['openai', { input: 'go' }, { input: 'go', max_output_tokens: 16_384 }],
    ['google', { contents: [] }, { contents: [], generationConfig: { maxOutputTokens: 16_384 } }],
    ['ollama', { messages, options: {} }, { messages, options: { num_predict: 16_384 } }],
  ])('of %s is capped under a hard limit, in a copy: %j', async (provider, request, sent) => {
    const before = structuredClone(request)
    await temporaryLedger().run(budget(50_000), async (run) => {
      const call = await given(run, provider, request)
      expect([call.request, call.maxOutputTokens]).toEqual([sent, 16_384])
    })
    expect(request).toEqual(before)
  })

  test('keeps the cap of the caller where there is room for it', async () => {
    const request = { messages, max_tokens: 20_000 }
    await temporaryLedger().run(budget(20_000), async (run) => {
      const call = await given(run, 'openrouter', request)
      expect(call.request).toBe(request)
      expect(call.maxOutputTokens).toBe(20_000)
      expect(call.heldOutputTokens).toBe(20_000)
    })
  })

  test('is lowered to what there is room for, which is told', async () => {
    const ledger = temporaryLedger()
    const capped = vi.fn()
    ledger.on('output-capped', capped)
    await ledger.run({ id: 'r', ...budget(700) }, async (run) => {
      const own = await given(run, 'openrouter', { messages, max_tokens: 20_000 })
      expect([own.request, own.maxOutputTokens]).toEqual([{ messages, max_tokens: 700 }, 700])
      const none = await given(run, 'openai', { messages })
      expect(none.maxOutputTokens).toBe(699)
    })
    expect(capped.mock.calls).toEqual([
      [{ runId: 'r', model: 'm', asked: 20_000, outputTokens: 700 }],
      [{ runId: 'r', model: 'm', asked: null, outputTokens: 699 }],
    ])
  })

  test('is refused rather than lowered below what is of any use', async () => {
    await temporaryLedger().run(budget(256), async (run) => {
      expect((await given(run, 'openai', { messages })).maxOutputTokens).toBe(256)
    })
    const refused = temporaryLedger().run(budget(255), (run) => given(run, 'openai', { messages }))
    await expect(refused).rejects.toMatchObject({ requested: nano(256) })
  })

  test('needs more room where part of it is thinking', async () => {
    const request = { messages, reasoning_effort: 'high' }
    const refused = temporaryLedger().run(budget(2_047), (run) => given(run, 'openai', request))
    await expect(refused).rejects.toMatchObject({ requested: nano(2_048) })
  })

  test('is never asked for more than the caller wants, however little that is', async () => {
    await temporaryLedger().run(budget(20), async (run) => {
      expect((await given(run, 'openai', { messages, max_tokens: 20 })).maxOutputTokens).toBe(20)
    })
  })

  test('of several answers is capped for each of them', async () => {
    await temporaryLedger().run(budget(3_000), async (run) => {
      const call = await given(run, 'openai', { messages, n: 3 })
      expect([call.request, call.maxOutputTokens]).toEqual([{ messages, n: 3, max_completion_tokens: 1_000 }, 1_000])
      expect(call.heldOutputTokens).toBe(3_000)
    })
  })

  test('of several answers is held for all of them by the cap that its sender sets on each', async () => {
    const more = { maxOutputTokens: 1_000 }
    await temporaryLedger().run(budget(5_000), async (run) => {
      const call = await given(run, 'openai', { messages, n: 4 }, more)
      expect([call.request, call.maxOutputTokens]).toEqual([{ messages, n: 4, max_completion_tokens: 1_000 }, 1_000])
      // 4,999 are left.
      const lowered = await given(run, 'openai', { messages, n: 8 }, more)
      expect([lowered.request, lowered.maxOutputTokens]).toEqual([{ messages, n: 8, max_completion_tokens: 624 }, 624])
    })
    const unlimited = await temporaryLedger().run((run) => given(run, 'openai', { messages, n: 4 }, more))
    expect(unlimited.maxOutputTokens).toBe(1_000)
  })

  test('is capped by a sender that says so, where the request is of no shape that takes a cap', async () => {
    await temporaryLedger().run(budget(700), async (run) => {
      const call = { provider: 'x', model: 'm', request: 'go', price: OUTPUT_PRICE, maxOutputTokens: 500 }
      const usage = { output: 1, input: 1 }
      expect(await run.call({ ...call, usage: () => usage }, async (sent) => sent.maxOutputTokens)).toBe(500)
    })
  })

  test('is capped by tokens as by money', async () => {
    await temporaryLedger().run({ limits: { tokens: 3_000 } }, async (run) => {
      const { maxOutputTokens = 0 } = await given(run, 'openai', { messages })
      expect(maxOutputTokens).toBeGreaterThan(256)
      expect(maxOutputTokens).toBeLessThan(1_000)
    })
  })

  test('is capped by a pace of tokens as by their number', async () => {
    const rate = { tokens: 10_000, perMs: 60_000 }
    await temporaryLedger({ scopes: { 'user:*': { rate } } }).run({ scopes: ['user:ann'] }, async (run) => {
      const { maxOutputTokens = 0 } = await given(run, 'openai', { messages: [{ role: 'user', content: 'hi' }] })
      expect(maxOutputTokens).toBeGreaterThan(7_000)
      expect(maxOutputTokens).toBeLessThan(10_000)
    })
  })

  test('leaves room in a pace of tokens for an input that is counted, and not measured by its bytes', async () => {
    const sent = (words: number) => {
      const messages = [{ role: 'user', content: 'the quick brown fox '.repeat(words) }]
      return { model: 'gpt-4o-mini', messages, max_completion_tokens: 300 }
    }
    const rate = { tokens: 10_000, perMs: 60_000 }
    await temporaryLedger({ scopes: { 'user:*': { rate } } }).run({ scopes: ['user:ann'] }, async (run) => {
      const model = { model: 'gpt-4o-mini' }
      expect((await given(run, 'openai', sent(1_500), model)).maxOutputTokens).toBe(300)
      const tooLong = given(run, 'openai', sent(3_000), model).catch((error: unknown) => error)
      expect(await tooLong).toMatchObject({ name: 'RateLimitedError', of: 'tokens', limit: 10_000 })
      expect(await tooLong).toMatchObject({ message: expect.stringContaining('10,000 tokens per minute') })
    })
  })

  test('is not capped by a limit of calls, nor by a soft one', async () => {
    const limits = [{ calls: 5 }, { budget: nano(900), mode: 'soft' as const }]
    await temporaryLedger().run({ limits }, async (run) => {
      expect((await given(run, 'openai', { messages })).maxOutputTokens).toBeUndefined()
    })
  })

  test("is what a resumed run knows nothing of: the request that it is served by is the caller's own", async () => {
    const ledger = temporaryLedger()
    const model = new FakeModel()
    await ledger.run({ id: 'r', ...budget(700) }, (run) => model.call(run, { cap: null, used: 10 }))
    const [call] = await ledger.calls.list()
    expect(call?.request).toEqual({ model: 'fake-1', messages })
    expect(model.arrived).toEqual([{ model: 'fake-1', messages, max_tokens: 700 }])
  })
})

describe('the input of a call', () => {
  const text = 'the quick brown fox jumps over the lazy dog '.repeat(200)
  const request = { messages: [{ role: 'user', content: text }], max_tokens: 300 }
  const price = { input: 1, output: 0 }
  const call = { provider: 'openai', model: 'gpt-4o', request, price }
  const answer = async () => ({ usage: { prompt_tokens: 1_800, completion_tokens: 10 } })

  test('is counted where its bytes do not fit, and a count does', async () => {
    const ledger = temporaryLedger()
    // Some 8,800 bytes and 2,048 for what is hidden; some 1,800 tokens of 1,000 nano-USD each, and the same.
    await ledger.run({ limits: { budget: 5_000_000 as Usd } }, (run) => run.call(call, answer))
    const [held] = (await ledger.calls.list()).map(({ cost }) => cost?.held ?? 0)
    expect(held).toBeGreaterThan(2_048_000 + 1_700_000)
    expect(held).toBeLessThan(5_000_000)
  })

  test('is not counted where its bytes fit', async () => {
    const ledger = temporaryLedger()
    await ledger.run({ limits: { budget: 20_000_000 as Usd } }, (run) => run.call(call, answer))
    const [held] = (await ledger.calls.list()).map(({ cost }) => cost?.held ?? 0)
    expect(held).toBeGreaterThan(10_000_000)
  })

  test.each([
    ['nothing', [], 1],
    ['a part, for five minutes', [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }], 1.25],
    ['a part, for an hour', [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }], 2],
  ])('of Claude is held as what it asks to cache costs: %s', async (_, system, factor) => {
    const ledger = temporaryLedger()
    const asked = { ...request, model: 'claude-x', system }
    const claude = { provider: 'anthropic', model: 'claude-x', request: asked, price }
    await ledger.run({ limits: { budget: 90_000_000 as Usd } }, (run) => run.call(claude, answer))
    const [{ cost } = {}] = await ledger.calls.list()
    const { inputTokens } = estimateRequest(claude)
    // A tenth more in the dearest region.
    expect(cost?.held).toBe(inputTokens * 1_100 * factor)
  })

  test('is refused where not even a count fits', async () => {
    const refused = temporaryLedger().run({ limits: { budget: 3_000_000 as Usd } }, (run) => run.call(call, answer))
    await expect(refused).rejects.toMatchObject({ name: 'BudgetExceededError' })
  })

  test('is counted by the tokenizer that the ledger was given', async () => {
    const tokenizer = { count: vi.fn((piece: string) => piece.length), factor: () => 1 }
    const limits = { budget: 20_000_000 as Usd }
    await temporaryLedger({ tokenizer }).run({ limits }, (run) => run.call(call, answer))
    expect(tokenizer.count).not.toHaveBeenCalled()
    const tight = temporaryLedger({ tokenizer }).run({ limits: { budget: 5_000_000 as Usd } }, (run) =>
      run.call(call, answer),
    )
    await expect(tight).rejects.toMatchObject({ name: 'BudgetExceededError' })
    expect(tokenizer.count).toHaveBeenCalled()
  })
})
