import { describe, expect, test } from 'vitest'
import { resolvePrice } from './resolve-price.ts'
import { allEntries, bookWith, NOON, priceFor } from './testing/prices.ts'

const book = await bookWith()
const found = (provider: string | undefined, model: string) =>
  resolvePrice(book, { ...(provider === undefined ? {} : { provider }), model, at: NOON })

describe('the models that the AgentFuse document names have a price', () => {
  const openai = ['gpt-4o', 'gpt-4o-mini', 'gpt-4-turbo', 'gpt-4', 'gpt-3.5-turbo', 'o1', 'o1-mini']
  const anthropic = ['claude-3-opus', 'claude-3-sonnet', 'claude-3-haiku', 'claude-3.5-sonnet', 'claude-3.5-haiku']
  test.each(openai)('%s, with and without its provider', (model) => {
    expect(found('openai', model)?.cost({ input: 1, output: 1 })?.nano).toBeGreaterThan(0)
    expect(found(undefined, model)?.provider).toBe('openai')
  })
  test.each(anthropic)('%s, with and without its provider', (model) => {
    expect(found('anthropic', model)?.cost({ input: 1, output: 1 })?.nano).toBeGreaterThan(0)
    expect(found(undefined, model)?.provider).toBe('anthropic')
  })
})

describe('a name is found', () => {
  test.each([
    ['openai', 'gpt-5.4', 'gpt-5.4'],
    ['openai', 'GPT-5.4 ', 'gpt-5.4'],
    ['openai', 'gpt-5.4-2026-03-05', 'gpt-5.4'],
    ['openai', 'gpt-5.4-2026-09-30', 'gpt-5.4'],
    ['openai', 'gpt-5-codex', 'gpt-5'],
    ['openai', 'ft:gpt-4o-2024-08-06:acme::abc123', 'ft:gpt-4o'],
    ['anthropic', 'claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
    ['anthropic', 'claude-opus-5-latest', 'claude-opus-5'],
    ['anthropic', 'claude-3-5-haiku-20241022', 'claude-3-5-haiku-latest'],
    ['google', 'gemini-2.0-flash-001', 'gemini-2.0-flash'],
    ['google', 'models/gemini-3.5-flash', 'gemini-3.5-flash'],
    ['google.vertex.chat', 'publishers/google/models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['vertex.anthropic.messages', 'claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['google_vertexai', 'claude-haiku-4-5@default', 'claude-haiku-4-5'],
    ['amazon-bedrock', 'global.anthropic.claude-opus-5-v1:0', 'global.anthropic.claude-opus-5'],
    ['bedrock', 'eu.anthropic.claude-opus-4-5-20251101-v1:0', 'regional.anthropic.claude-opus-4-5-v1:0'],
    ['bedrock', 'us.amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0'],
    [
      'bedrock',
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-5-v1:0',
      'regional.anthropic.claude-sonnet-5-v1:0',
    ],
    ['openrouter', 'openai/gpt-5.6-sol-20260626', 'openai/gpt-5.6-sol'],
    ['gateway', 'anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5'],
    ['gateway', 'xai/grok-4.6', 'grok-4.6'],
    ['litellm', 'bedrock/anthropic.claude-3-opus-20240229-v1:0', 'regional.anthropic.claude-3-opus-20240229-v1:0'],
    ['xai.chat', 'grok-4.6', 'grok-4.6'],
    ['groq.chat', 'openai/gpt-oss-20b', 'openai/gpt-oss-20b'],
    ['azure-openai.chat', 'gpt-4o', 'gpt-4o'],
    ['Azure_OpenAI', 'o1', 'o1'],
    ['mistralai', 'mistral-large-2407', 'mistral-large'],
    ['togetherai.chat', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', 'meta-llama/Llama-3.3-70B-Instruct-Turbo'],
  ])('%s %s is %s', (provider, model, listed) => {
    expect(found(provider, model)?.model).toBe(listed)
  })

  test('Azure has prices of its own, and for the rest those of the models that it serves', () => {
    expect(found('azure', 'o4-mini')?.cost({ cacheRead: 1_000_000 })?.exact).toBe('0.28')
    expect(found('openai', 'o4-mini')?.cost({ cacheRead: 1_000_000 })?.exact).toBe('0.275')
    expect(found('azure', 'claude-opus-5')?.provider).toBe('azure')
  })

  test('behind a gateway it is the vendor whose tiers count', () => {
    expect(found('gateway', 'openai/gpt-5.5')?.provider).toBe('openai')
    expect(found('openrouter', 'openai/gpt-5.5')?.provider).toBe('openrouter')
  })
})

test('every bundled price is found under the provider and the name that its table gives it', () => {
  const lost = allEntries(book).filter(({ provider, model }) => found(provider, model)?.model !== model)
  expect(lost.map(({ provider, model }) => `${provider}: ${model}`)).toEqual([])
  for (const provider of ['huggingface_novita', 'huggingface-novita', 'HuggingFace_Novita.chat'])
    expect(found(provider, 'minimaxai/minimax-m2')?.model).toBe('MiniMaxAI/MiniMax-M2')
})

describe('a name that merely begins alike is unknown', () => {
  test.each([
    ['anthropic', 'claude-sonnet-5-5'],
    ['anthropic', 'claude-haiku-5-5'],
    ['anthropic', 'claude-fable-5-2'],
    ['anthropic', 'claude-opus-5-20269999'],
    ['openai', 'gpt-4o-ultra'],
    ['openai', 'gpt-4o-2024-05-13-turbo'],
    ['openai', 'gpt-5.7'],
    ['openai', 'gpt-6.1-sol'],
    ['openai', 'gpt-5.4-2026'],
    ['openai', 'ft:gpt-5:acme::1'],
    ['google', 'gemini-3.5-flash-8b'],
    ['google', 'gemini-2.5-pro-ultra'],
    ['mistral', 'mistral-large-2999'],
    ['openrouter', 'anthropic/claude-sonnet-5-5'],
    ['openrouter', 'openai/gpt-5.5:online'],
    ['groq', 'gpt-4o'],
    ['our-proxy', 'gpt-4o'],
    ['gateway', 'gpt-4o'],
    ['gateway', 'nobody/gpt-4o'],
    ['ollama', 'llama3.3'],
    ['openai', ''],
    ['openai', '*'],
    [undefined, 'llama-3.3-70b-versatile'],
  ])('%s %s', (provider, model) => {
    expect(found(provider, model)).toBeUndefined()
  })
})

describe('a model without listed prices', () => {
  test('is free where its name says so', () => {
    const price = priceFor(book, 'openrouter', 'google/gemini-2.0-flash-exp:free')
    expect(price.isFree).toBe(true)
    expect(price.cost({ input: 1_000_000, output: 5 })).toMatchObject({
      nano: 0,
      exact: '0',
      assumed: [],
      unpriced: [],
    })
    expect(price.atMost({ inputTokens: 1_000_000 })).toEqual({ inputNano: 0, outputRate: 0, unbounded: [] })
  })

  test.each([
    ['openai', 'omni-moderation-latest'],
    ['google', 'gemma-3-27b-it'],
    ['google', 'gemma-3n'],
    ['openrouter', 'google/lyria-3-pro-preview'],
    ['github-copilot', 'gpt-4.1'],
  ])('is unknown everywhere else: %s %s', (provider, model) => {
    expect(found(provider, model)).toBeUndefined()
  })

  test('is unknown where the data lists prices by units that are not understood', () => {
    expect(found('xai', 'grok-voice-latest')).toBeUndefined()
  })
})

test('the same prices have the same version, and a price says which', async () => {
  const [again, other] = await Promise.all([bookWith(), bookWith({ multipliers: { openai: '1.1' } })])
  expect(again.version).toBe(book.version)
  expect(other.version).not.toBe(book.version)
  expect(book.version).toMatch(/^[0-9a-f]{16}$/)
  expect(priceFor(book, 'openai', 'gpt-4o')).toMatchObject({ version: book.version, source: 'bundled', assumed: false })
})
