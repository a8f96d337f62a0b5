import { describe, expect, test } from 'vitest'
import { readUsage } from './read-usage.ts'

const message = (usage: unknown, more: object = {}) => ({ type: 'message', model: 'm', usage, ...more })
const usageOf = (answer: unknown, provider?: string) => readUsage(answer, provider ? { provider } : {})?.usage

describe('messages of Anthropic', () => {
  test('the cache stands beside the input, in its two lifetimes', () => {
    const usage = {
      input_tokens: 20,
      cache_read_input_tokens: 3_000,
      cache_creation_input_tokens: 1_500,
      cache_creation: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 1_000 },
      output_tokens: 90,
      output_tokens_details: { thinking_tokens: 60 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 7 },
      service_tier: 'batch',
      inference_geo: 'us',
    }
    expect(readUsage(message(usage))).toEqual({
      usage: {
        input: 20,
        cacheRead: 3_000,
        cacheWrite5m: 500,
        cacheWrite1h: 1_000,
        output: 30,
        reasoning: 60,
        webSearches: 2,
      },
      model: 'm',
      serviceTier: 'batch',
      region: 'us',
      complete: true,
      others: [],
    })
  })

  test('without the lifetimes, what was written is for five minutes', () => {
    expect(usageOf(message({ input_tokens: 1, cache_creation_input_tokens: 9, output_tokens: 1 }))).toEqual({
      input: 1,
      cacheWrite5m: 9,
      output: 1,
    })
  })

  test('an answer whose whole prompt came from the cache was not for nothing', () => {
    const usage = { input_tokens: 0, cache_read_input_tokens: 900, output_tokens: 0 }
    expect(usageOf(usage)).toEqual({ input: 0, cacheRead: 900, output: 0 })
  })

  test('a fast answer was fast, whatever its tier', () => {
    expect(
      readUsage(message({ input_tokens: 1, output_tokens: 1, service_tier: 'standard', speed: 'fast' })),
    ).toMatchObject({ serviceTier: 'fast' })
  })

  test('a compaction is paid as well: the counts of the message leave it out', () => {
    const iterations = [
      { type: 'compaction', input_tokens: 180_000, output_tokens: 3_500 },
      { type: 'message', input_tokens: 23_000, output_tokens: 1_000 },
    ]
    expect(readUsage(message({ input_tokens: 23_000, output_tokens: 1_000, iterations }))).toMatchObject({
      usage: { input: 23_000, output: 1_000 },
      others: [{ usage: { input: 180_000, output: 3_500 }, model: 'm' }],
    })
  })

  test('an advisor is paid at its own price, unless the counts of the message include it', () => {
    const iterations = [
      { type: 'message', input_tokens: 100, output_tokens: 10 },
      { type: 'advisor_message', model: 'claude-opus-5', input_tokens: 400, output_tokens: 40 },
    ]
    const others = (input: number, output: number) =>
      readUsage(message({ input_tokens: input, output_tokens: output, iterations }))?.others
    expect(others(100, 10)).toMatchObject([{ usage: { input: 400, output: 40 }, model: 'claude-opus-5' }])
    expect(others(500, 50)).toEqual([])
  })
})
