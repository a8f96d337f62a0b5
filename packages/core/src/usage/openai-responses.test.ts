import { describe, expect, test } from 'vitest'
import { readUsage } from './read-usage.ts'

const response = (usage: unknown, more: object = {}) => ({ object: 'response', model: 'm', usage, ...more })
const usageOf = (answer: unknown, provider?: string) => readUsage(answer, provider ? { provider } : {})?.usage

describe('responses', () => {
  test('cached and written tokens are parts of the input, reasoning of the output', () => {
    const usage = {
      input_tokens: 900,
      input_tokens_details: { cached_tokens: 500, cache_write_tokens: 300 },
      output_tokens: 80,
      output_tokens_details: { reasoning_tokens: 64 },
      total_tokens: 980,
    }
    expect(readUsage(response(usage, { service_tier: 'fast' }))).toEqual({
      usage: { input: 100, cacheRead: 500, cacheWrite5m: 300, output: 16, reasoning: 64 },
      model: 'm',
      serviceTier: 'fast',
      complete: true,
      others: [],
    })
  })

  test('tools that OpenAI bills are counted, code by its containers', () => {
    const output = [
      { type: 'reasoning' },
      { type: 'web_search_call' },
      { type: 'web_search_call' },
      { type: 'file_search_call' },
      { type: 'code_interpreter_call', container_id: 'a' },
      { type: 'code_interpreter_call', container_id: 'a' },
      { type: 'code_interpreter_call', container_id: 'b' },
      { type: 'image_generation_call' },
      { type: 'mcp_call' },
      { type: 'function_call' },
      null,
    ]
    expect(usageOf(response({ input_tokens: 1, output_tokens: 1 }, { output }))).toEqual({
      input: 1,
      output: 1,
      webSearches: 2,
      fileSearches: 1,
      codeSessions: 2,
      otherToolCalls: 1,
    })
  })

  test('tools that xAI ran count as its usage tells of them, where it tells of more', () => {
    const told = { web_search_calls: 1, x_search_calls: 24, code_interpreter_calls: 2, mcp_calls: 3 }
    const usage = { input_tokens: 1, output_tokens: 1, server_side_tool_usage_details: told }
    const output = [{ type: 'web_search_call' }, { type: 'custom_tool_call' }]
    expect(usageOf(response(usage, { output }))).toEqual({ input: 1, output: 1, webSearches: 25, codeSessions: 2 })
  })

  test('the event that ends a stream holds the answer', () => {
    const event = { type: 'response.completed', response: response({ input_tokens: 3, output_tokens: 4 }) }
    expect(readUsage(event)).toMatchObject({ usage: { input: 3, output: 4 }, model: 'm' })
  })

  test('realtime sessions tell of what kind the cached tokens are', () => {
    const usage = {
      input_tokens: 200,
      output_tokens: 60,
      input_token_details: {
        text_tokens: 80,
        audio_tokens: 120,
        cached_tokens: 100,
        cached_tokens_details: { text_tokens: 10, audio_tokens: 90 },
      },
      output_token_details: { text_tokens: 20, audio_tokens: 40 },
    }
    expect(usageOf({ type: 'response.done', response: { usage } })).toEqual({
      input: 70,
      cacheRead: 10,
      inputAudio: 30,
      cacheReadAudio: 90,
      output: 20,
      outputAudio: 40,
    })
  })

  test('transcriptions are billed by tokens or by seconds', () => {
    const tokens = { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 12 }, output_tokens: 9 }
    expect(usageOf({ text: '…', usage: tokens })).toEqual({ input: 2, inputAudio: 12, output: 9 })
    expect(usageOf({ text: '…', usage: { type: 'duration', seconds: 61.2 } })).toEqual({ audioSeconds: 62 })
    expect(usageOf({ type: 'duration', seconds: 5 })).toEqual({ audioSeconds: 5 })
    expect(usageOf({ type: 'duration', seconds: 0 })).toBeUndefined()
  })
})
