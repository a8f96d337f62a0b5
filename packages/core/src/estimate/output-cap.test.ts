import { describe, expect, test } from 'vitest'
import type { Dialect } from './dialect.ts'
import { outputCap } from './output-cap.ts'

const thinking = (budgetTokens: number) => ({ anthropic: { thinking: { type: 'enabled', budgetTokens } } })

const capped: [string, number, Dialect, unknown][] = [
  ['max_completion_tokens', 100, 'openai-chat', { max_completion_tokens: 100 }],
  ['max_tokens', 100, 'openai-chat', { max_tokens: 100 }],
  ['max_tokens', 300, 'openai-chat', { max_tokens: 100, n: 3 }],
  ['max_tokens', 200, 'openai-chat', { max_completion_tokens: 100, max_tokens: 200 }],
  ['max_tokens', 100, 'openai-completions', { prompt: 'a', max_tokens: 100 }],
  ['max_tokens', 600, 'openai-completions', { prompt: ['a', 'b'], n: 2, best_of: 3, max_tokens: 100 }],
  ['max_tokens', 100, 'openai-completions', { prompt: [1, 2, 3], max_tokens: 100 }],
  ['max_tokens', 300, 'openai-chat', { max_tokens: 100, n: '3' }],
  ['max_output_tokens', 100, 'openai-responses', { max_output_tokens: 100 }],
  ['max_tokens', 3_000, 'anthropic', { max_tokens: 3_000, thinking: { type: 'enabled', budget_tokens: 2_000 } }],
  [
    'generationConfig.maxOutputTokens',
    400,
    'gemini',
    { generationConfig: { maxOutputTokens: 100, candidateCount: 4 } },
  ],
  ['generation_config.max_output_tokens', 100, 'gemini', { generation_config: { max_output_tokens: 100 } }],
  ['config.maxOutputTokens', 200, 'gemini', { config: { maxOutputTokens: 100, candidateCount: 2 } }],
  ['options.num_predict', 100, 'ollama', { options: { num_predict: 100 } }],
  ['maxOutputTokens', 100, 'ai-sdk', { maxOutputTokens: 100 }],
  // That SDK sends the sum of the two.
  ['maxOutputTokens', 2_100, 'ai-sdk', { maxOutputTokens: 100, providerOptions: thinking(2_000) }],
  [
    'maxOutputTokens',
    2_100,
    'ai-sdk',
    {
      maxOutputTokens: 100,
      providerOptions: { bedrock: { reasoningConfig: { type: 'enabled', budgetTokens: 2_000 } } },
    },
  ],
  // Gemini's is within the cap.
  [
    'maxOutputTokens',
    100,
    'ai-sdk',
    { maxOutputTokens: 100, providerOptions: { google: { thinkingConfig: { thinkingBudget: 2_000 } } } },
  ],
]

const uncapped: [Dialect | undefined, unknown][] = [
  ['openai-chat', {}],
  ['openai-chat', { max_tokens: null }],
  ['openai-responses', { max_output_tokens: null }],
  ['ollama', { options: { num_predict: -1 } }],
  ['gemini', { generationConfig: {} }],
  ['ai-sdk', { providerOptions: thinking(2_000) }],
  ['plain', 'Hello'],
  [undefined, { max_tokens: 100 }],
]

describe('outputCap', () => {
  test.each(capped)('reads %s as %i tokens of %s: %j', (field, tokens, dialect, request) => {
    expect(outputCap(request, dialect)).toMatchObject({ field, tokens })
  })

  test.each(uncapped)('finds none of %s in %j', (dialect, request) => {
    expect(outputCap(request, dialect)).toBeUndefined()
  })

  test('keeps what the caller set, and knows that embeddings write nothing', () => {
    const cap = outputCap({ max_tokens: 100, n: 3 }, 'openai-chat')
    expect(cap).toEqual({ field: 'max_tokens', value: 100, answers: 3, tokens: 300 })
    expect(outputCap({ input: 'a' }, 'openai-embeddings')).toEqual({ field: null, value: 0, answers: 1, tokens: 0 })
  })
})
