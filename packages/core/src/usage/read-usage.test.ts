import { describe, expect, test } from 'vitest'
import { readUsage } from './read-usage.ts'

const chat = (usage: unknown, more: object = {}) => ({ object: 'chat.completion', model: 'm', usage, ...more })
const response = (usage: unknown, more: object = {}) => ({ object: 'response', model: 'm', usage, ...more })
const message = (usage: unknown, more: object = {}) => ({ type: 'message', model: 'm', usage, ...more })

describe('nothing told is nothing read', () => {
  const none: unknown[] = [
    undefined,
    null,
    'text',
    5,
    [],
    [{ usage: { prompt_tokens: 1 } }],
    {},
    { usage: null },
    { usage: {} },
    { usage: [] },
    { usage: 'many' },
    { id: 'x', choices: [] },
    { object: 'chat.completion.chunk', usage: null, choices: [] },
    { type: 'error', error: { message: 'overloaded' } },
    chat({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }),
    chat({ prompt_tokens: -5, completion_tokens: Number.NaN }),
    chat({ prompt_tokens: '12', completion_tokens: '3' }),
    chat({ prompt_tokens: 1.5 }),
    response(null),
    response({ input_tokens: 0, output_tokens: 0 }),
    message({ input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0 }),
    { usageMetadata: {} },
    { usageMetadata: { promptTokenCount: 0, totalTokenCount: 0 } },
    { model: 'llama3.3', done: false },
  ]
  test.each(none.map((answer) => [answer]))('%j', (answer) => {
    expect(readUsage(answer)).toBeUndefined()
  })
})

describe('a count that no call can have', () => {
  const impossible: readonly unknown[] = [1e9 + 1, 1e12, 9e15, 1e300, Number.NaN, 1.5, -1, '12', true, {}]
  const bodies: readonly [string, (count: unknown) => unknown][] = [
    ['of the input', (count) => chat({ prompt_tokens: count, completion_tokens: 5 })],
    ['of the output', (count) => chat({ prompt_tokens: 5, completion_tokens: count })],
    ['of the total', (count) => chat({ prompt_tokens: 5, completion_tokens: 5, total_tokens: count })],
    [
      'of a part',
      (count) => response({ input_tokens: 5, output_tokens: 5, input_tokens_details: { cached_tokens: count } }),
    ],
    ['beside the input', (count) => message({ input_tokens: 5, output_tokens: 5, cache_read_input_tokens: count })],
    [
      'of a step of its own',
      (count) =>
        message({
          input_tokens: 5,
          output_tokens: 5,
          iterations: [{ type: 'compaction', input_tokens: count, output_tokens: 1 }],
        }),
    ],
    [
      'of thoughts',
      (count) => ({ usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 5, thoughtsTokenCount: count } }),
    ],
    ['of Ollama', (count) => ({ model: 'm', prompt_eval_count: count, eval_count: 5 })],
  ]
  test.each(bodies)('%s makes all of the usage one that was not told', (_, body) => {
    expect(readUsage(body(5))).toBeDefined()
    for (const count of impossible) expect([count, readUsage(body(count))]).toEqual([count, undefined])
  })

  test('is also what possible ones add up to', () => {
    const usage = { promptTokenCount: 6e8, toolUsePromptTokenCount: 6e8, candidatesTokenCount: 5 }
    expect(readUsage({ usageMetadata: usage })).toBeUndefined()
    expect(readUsage(chat({ prompt_tokens: 1e9, completion_tokens: 5 }))?.usage).toEqual({ input: 1e9, output: 5 })
    expect(readUsage({ usage: { type: 'duration', seconds: 1e12 } })).toBeUndefined()
  })
})
