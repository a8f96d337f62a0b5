import { describe, expect, test } from 'vitest'
import { readUsage } from './read-usage.ts'

const chat = (usage: unknown, more: object = {}) => ({ object: 'chat.completion', model: 'm', usage, ...more })
const usageOf = (answer: unknown, provider?: string) => readUsage(answer, provider ? { provider } : {})?.usage

describe('chat completions', () => {
  test('cached tokens are taken out of the prompt, reasoning out of the completion', () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 300,
      total_tokens: 1_300,
      prompt_tokens_details: { cached_tokens: 768, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 256,
        accepted_prediction_tokens: 9,
        rejected_prediction_tokens: 5,
      },
    }
    expect(readUsage(chat(usage, { model: 'gpt-5-2025-08-07', service_tier: 'flex' }))).toEqual({
      usage: { input: 232, cacheRead: 768, output: 44, reasoning: 256 },
      model: 'gpt-5-2025-08-07',
      serviceTier: 'flex',
      complete: true,
      others: [],
    })
  })

  test('what was written to a cache is part of the prompt, and its longer half is told apart', () => {
    const details = { cached_tokens: 100, cache_write_tokens: 600, cache_write_tokens_details: { ttl_12h_tokens: 200 } }
    const usage = { prompt_tokens: 1_000, completion_tokens: 1, prompt_tokens_details: details }
    expect(usageOf(chat(usage))).toEqual({
      input: 300,
      cacheRead: 100,
      cacheWrite5m: 400,
      cacheWrite1h: 200,
      output: 1,
    })
  })

  test('audio is told apart, and the cached tokens are taken for text as far as there is text', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 40, audio_tokens: 70 },
      completion_tokens_details: { audio_tokens: 30 },
    }
    expect(usageOf(chat(usage))).toEqual({
      input: 0,
      cacheRead: 30,
      inputAudio: 60,
      cacheReadAudio: 10,
      output: 20,
      outputAudio: 30,
    })
  })

  test('DeepSeek and Moonshot name the cached tokens otherwise', () => {
    const hit = { prompt_tokens: 10, completion_tokens: 2, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 }
    expect(usageOf(chat(hit))).toEqual({ input: 6, cacheRead: 4, output: 2 })
    expect(usageOf(chat({ prompt_tokens: 10, completion_tokens: 2, cached_tokens: 4 }))).toEqual({
      input: 6,
      cacheRead: 4,
      output: 2,
    })
  })

  test('a host that counts the cached tokens beside the prompt is understood', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 500 } }
    expect(usageOf(chat(usage))).toEqual({ input: 10, cacheRead: 500, output: 2 })
  })

  test('reasoning that xAI leaves out of the completion is output all the same', () => {
    const details = { completion_tokens_details: { reasoning_tokens: 200 } }
    const withTotal = chat({ prompt_tokens: 32, completion_tokens: 9, total_tokens: 241, ...details })
    const without = chat({ prompt_tokens: 32, completion_tokens: 9, ...details })
    expect(usageOf(withTotal)).toEqual({ input: 32, output: 9, reasoning: 200 })
    expect(usageOf(without, 'xai.chat')).toEqual({ input: 32, output: 9, reasoning: 200 })
    expect(usageOf(without, 'x-ai')).toEqual({ input: 32, output: 9, reasoning: 200 })
  })

  test('thoughts that only the total tells of are output', () => {
    expect(usageOf(chat({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 115 }))).toEqual({
      input: 10,
      output: 5,
      reasoning: 100,
    })
  })

  test('Perplexity reports reasoning, citations and searches beside the completion', () => {
    const usage = {
      prompt_tokens: 33,
      completion_tokens: 700,
      total_tokens: 733,
      citation_tokens: 2_000,
      reasoning_tokens: 9_000,
      num_search_queries: 28,
      cost: { total_cost: 0.409 },
    }
    expect(readUsage(chat(usage), { provider: 'perplexity' })).toMatchObject({
      usage: { input: 33, output: 700, reasoning: 9_000, citation: 2_000, webSearches: 28 },
      reported: 409_000_000,
    })
  })

  test('what OpenRouter says that it cost is kept, rounded up; its zeros say nothing', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 }
    const reported = (cost: unknown) => readUsage(chat({ ...usage, cost }), { provider: 'openrouter.chat' })?.reported
    expect([reported(0.00001234567891), reported(1.5e-7), reported(0), reported('1'), reported(1e300)]).toEqual([
      12_346,
      150,
      undefined,
      undefined,
      undefined,
    ])
  })

  test.each([undefined, '', 'groq', 'openai', 'our-gateway', 'openrouters'])(
    'what %s calls a cost is in a unit that nobody knows',
    (provider) => {
      const answer = chat({ prompt_tokens: 3, completion_tokens: 2, cost: 5_000_000 })
      expect(readUsage(answer, provider === undefined ? {} : { provider })).not.toHaveProperty('reported')
    },
  )

  test('LiteLLM tells what Claude wrote to its cache and read from it, within the prompt or beside it', () => {
    const answer = { completion_tokens: 5, cache_creation_input_tokens: 9_000, cache_read_input_tokens: 500 }
    expect(usageOf(chat({ ...answer, prompt_tokens: 10_000 }))).toEqual({
      ...{ input: 500, cacheRead: 500, cacheWrite5m: 9_000, output: 5 },
    })
    expect(usageOf(chat({ ...answer, prompt_tokens: 1_000 }))).toEqual({
      ...{ input: 1_000, cacheRead: 500, cacheWrite5m: 9_000, output: 5 },
    })
    const split = { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 8_000 }
    const details = { cached_tokens: 500, cache_creation_tokens: 9_000, cache_creation_token_details: split }
    const detailed = { prompt_tokens: 10_000, completion_tokens: 5, prompt_tokens_details: details }
    expect(usageOf(chat(detailed))).toEqual({
      ...{ input: 500, cacheRead: 500, cacheWrite5m: 1_000, cacheWrite1h: 8_000, output: 5 },
    })
  })

  test('embeddings have no output, and are whole without it', () => {
    const answer = { object: 'list', data: [], model: 'e', usage: { prompt_tokens: 8, total_tokens: 8 } }
    expect(readUsage(answer)).toEqual({ usage: { input: 8 }, model: 'e', complete: true, others: [] })
  })

  test('a side that is missing is no zero', () => {
    expect(readUsage(chat({ prompt_tokens: 8 }))).toMatchObject({ usage: { input: 8 }, complete: false })
    expect(readUsage(chat({ completion_tokens: 8 }))).toMatchObject({ usage: { output: 8 }, complete: false })
    expect(readUsage(chat({ completion_tokens: 8, total_tokens: 20 }))).toMatchObject({
      usage: { input: 12, output: 8 },
      complete: true,
    })
  })

  test('the last chunk of a stream of Groq has it under a name of its own', () => {
    const chunk = { object: 'chat.completion.chunk', x_groq: { usage: { prompt_tokens: 8, completion_tokens: 2 } } }
    expect(usageOf(chunk)).toEqual({ input: 8, output: 2 })
  })
})
