import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dialect } from './dialect.ts'
import { outputCap } from './output-cap.ts'
import { withOutputCap } from './with-output-cap.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const on = (dialect: Dialect, provider = 'openai') => ({ dialect, provider })

const cases: [string, unknown, Dialect, string, number, unknown][] = [
  [
    'adds the newer name for OpenAI',
    { messages },
    'openai-chat',
    'openai',
    50,
    { messages, max_completion_tokens: 50 },
  ],
  [
    'adds it with an API behind a dot',
    { messages },
    'openai-chat',
    'azure.chat',
    50,
    { messages, max_completion_tokens: 50 },
  ],
  ['adds the older name elsewhere', { messages }, 'openai-chat', 'deepseek', 50, { messages, max_tokens: 50 }],
  ['lowers the name that is there', { max_tokens: 90 }, 'openai-chat', 'openai', 50, { max_tokens: 50 }],
  [
    'lowers both names',
    { max_tokens: 90, max_completion_tokens: 40 },
    'openai-chat',
    'openai',
    50,
    { max_tokens: 50, max_completion_tokens: 40 },
  ],
  ['divides by the answers', { n: 3 }, 'openai-chat', 'openai', 50, { n: 3, max_completion_tokens: 16 }],
  [
    'caps completions',
    { prompt: ['a', 'b'] },
    'openai-completions',
    'openai',
    50,
    { prompt: ['a', 'b'], max_tokens: 25 },
  ],
  ['caps responses', { input: 'a' }, 'openai-responses', 'openai', 16, { input: 'a', max_output_tokens: 16 }],
  ['caps Anthropic', { max_tokens: 90 }, 'anthropic', 'anthropic', 50, { max_tokens: 50 }],
  [
    'caps Gemini over REST',
    { contents: [] },
    'gemini',
    'google',
    50,
    { contents: [], generationConfig: { maxOutputTokens: 50 } },
  ],
  [
    'keeps the rest of Gemini’s settings',
    { generationConfig: { topK: 1, candidateCount: 2 } },
    'gemini',
    'google',
    50,
    { generationConfig: { topK: 1, candidateCount: 2, maxOutputTokens: 25 } },
  ],
  [
    'spells Gemini as it is spelt',
    { generation_config: { top_k: 1 } },
    'gemini',
    'google',
    50,
    { generation_config: { top_k: 1, max_output_tokens: 50 } },
  ],
  [
    'caps Gemini’s SDK',
    { contents: 'a', config: {} },
    'gemini',
    'google',
    50,
    { contents: 'a', config: { maxOutputTokens: 50 } },
  ],
  [
    'caps Ollama',
    { options: { seed: 1, num_predict: -1 } },
    'ollama',
    'ollama',
    50,
    { options: { seed: 1, num_predict: 50 } },
  ],
  ['caps the AI SDK', { prompt: messages }, 'ai-sdk', 'openai.chat', 50, { prompt: messages, maxOutputTokens: 50 }],
]

describe('withOutputCap', () => {
  test.each(cases)('%s', (_, request, dialect, provider, tokens, expected) => {
    expect(withOutputCap(request, { dialect, provider }, tokens)).toEqual(expected)
  })

  test.each([
    ['gpt-5-mini', 'max_completion_tokens'],
    ['gpt-10', 'max_completion_tokens'],
    ['o3', 'max_completion_tokens'],
    ['ft:gpt-5-nano:acme', 'max_completion_tokens'],
    ['gpt-4o', 'max_tokens'],
    ['gpt-oss-120b', 'max_tokens'],
    ['openai/gpt-5', 'max_tokens'],
    ['olmo-2', 'max_tokens'],
  ])('takes the name that %s takes where nobody knows its provider: %s', (model, name) => {
    for (const provider of ['', 'our-gateway'])
      expect(withOutputCap({ messages }, { dialect: 'openai-chat', provider, model }, 50)).toEqual({
        messages,
        [name]: 50,
      })
  })

  test('gives back the request itself if its own cap is as low', () => {
    const request = { messages, max_completion_tokens: 50 }
    expect(withOutputCap(request, on('openai-chat'), 50)).toBe(request)
    expect(withOutputCap({ input: 'a' }, on('openai-embeddings'), 0)).toEqual({ input: 'a' })
  })

  test('says that it cannot for a shape without a cap, and for less than the API takes', () => {
    expect(withOutputCap('Hello', on('plain'), 50)).toBeUndefined()
    expect(withOutputCap({ messages }, { dialect: undefined, provider: 'acme' }, 50)).toBeUndefined()
    expect(withOutputCap({ input: 'a' }, on('openai-responses'), 15)).toBeUndefined()
    expect(withOutputCap({ n: 3 }, on('openai-chat'), 2)).toBeUndefined()
    expect(withOutputCap({ messages }, on('openai-chat'), 0)).toBeUndefined()
  })

  test('keeps the share of thinking that the caller gave it', () => {
    const request = { max_tokens: 16_000, thinking: { type: 'enabled', budget_tokens: 10_000 } }
    const capped = { max_tokens: 8_000, thinking: { type: 'enabled', budget_tokens: 5_000 } }
    expect(withOutputCap(request, on('anthropic', 'anthropic'), 8_000)).toEqual(capped)
  })

  test('leaves Anthropic’s least budget for thinking, and no less room for an answer than one token', () => {
    const request = { max_tokens: 16_000, thinking: { type: 'enabled', budget_tokens: 10_000 } }
    const capped = { max_tokens: 1_025, thinking: { type: 'enabled', budget_tokens: 1_024 } }
    expect(withOutputCap(request, on('anthropic', 'anthropic'), 1_025)).toEqual(capped)
    expect(withOutputCap(request, on('anthropic', 'anthropic'), 1_024)).toBeUndefined()
  })

  test('leaves adaptive and disabled thinking alone', () => {
    for (const type of ['adaptive', 'disabled']) {
      const request = { max_tokens: 90, thinking: { type } }
      expect(withOutputCap(request, on('anthropic', 'anthropic'), 50)).toEqual({ max_tokens: 50, thinking: { type } })
    }
  })

  test('takes what the AI SDK adds for thinking out of its cap', () => {
    const options = (budgetTokens: number) => ({ anthropic: { thinking: { type: 'enabled', budgetTokens } } })
    const request = { prompt: [], maxOutputTokens: 4_000, providerOptions: options(6_000) }
    const capped = { prompt: [], maxOutputTokens: 2_000, providerOptions: options(3_000) }
    expect(withOutputCap(request, on('ai-sdk', 'anthropic.messages'), 5_000)).toEqual(capped)
  })

  test('never lets more out than was allowed, raises no cap, and changes nothing of its caller’s', () => {
    const cap = fc.option(fc.integer({ min: 1, max: 50_000 }), { nil: undefined })
    const budget = fc.option(fc.integer({ min: 1_024, max: 40_000 }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.constantFrom<Dialect>(
          'openai-chat',
          'openai-completions',
          'openai-responses',
          'anthropic',
          'gemini',
          'ollama',
          'ai-sdk',
        ),
        fc.record({ cap, other: cap, budget, answers: fc.integer({ min: 1, max: 5 }) }),
        fc.integer({ min: 0, max: 60_000 }),
        (dialect, settings, tokens) => {
          const request = requestOf(settings)
          const before = structuredClone(request)
          const had = outputCap(request, dialect)
          const capped = withOutputCap(request, on(dialect), tokens)
          expect(request).toEqual(before)
          if (capped === undefined) return
          const has = outputCap(capped, dialect)
          expect(has?.tokens).toBeLessThanOrEqual(Math.min(tokens, had?.tokens ?? tokens))
          expect(has?.tokens).toBeGreaterThan(0)
        },
      ),
      { seed: 20_261_121, numRuns: 3_000 },
    )
  })
})

interface Settings {
  readonly cap: number | undefined
  readonly other: number | undefined
  readonly budget: number | undefined
  readonly answers: number
}

/** Has the members of all dialects; each reads its own. */
function requestOf({ cap, other, budget, answers }: Settings): object {
  return {
    max_tokens: cap,
    max_completion_tokens: other,
    max_output_tokens: cap,
    maxOutputTokens: cap,
    n: answers,
    generationConfig: { maxOutputTokens: cap, candidateCount: answers },
    options: { num_predict: cap },
    thinking: budget === undefined ? { type: 'adaptive' } : { type: 'enabled', budget_tokens: budget },
    providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: budget } } },
  }
}
