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
