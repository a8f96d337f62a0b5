import { expect, test } from 'vitest'
import { readStreamUsage } from './read-stream-usage.ts'

const start = (usage: object) => ({ type: 'message_start', message: { type: 'message', model: 'm', usage } })
const delta = (usage: object) => ({ type: 'message_delta', delta: {}, usage })

test('later counts of Anthropic replace earlier ones; what they leave out stays', () => {
  const events = [
    start({
      input_tokens: 25,
      cache_creation_input_tokens: 7,
      cache_creation: { ephemeral_1h_input_tokens: 7 },
      output_tokens: 1,
      service_tier: 'standard',
      speed: 'fast',
    }),
    { type: 'content_block_delta', delta: { text: 'a' } },
    delta({ output_tokens: 40 }),
    delta({ input_tokens: 10_682, cache_creation_input_tokens: null, output_tokens: 90 }),
    { type: 'message_stop' },
  ]
  expect(readStreamUsage(events)).toMatchObject({
    usage: { input: 10_682, cacheWrite1h: 7, output: 90 },
    model: 'm',
    serviceTier: 'fast',
    complete: true,
  })
})

test('a stream of Anthropic that broke off knows its input only', () => {
  expect(readStreamUsage([start({ input_tokens: 25, output_tokens: 1 })])).toMatchObject({
    usage: { input: 25 },
    complete: false,
  })
})

test('the last event that tells is the one that counts, for those that repeat their counts', () => {
  const chunk = (candidatesTokenCount: number) => ({ usageMetadata: { promptTokenCount: 5, candidatesTokenCount } })
  expect(readStreamUsage([chunk(1), chunk(8), chunk(20), { candidates: [] }])?.usage).toEqual({ input: 5, output: 20 })
})

test('an event with an impossible count hides what earlier ones told', () => {
  const chunk = (completion_tokens: unknown) => ({ usage: { prompt_tokens: 5, completion_tokens } })
  expect(readStreamUsage([chunk(1), chunk(8)])?.usage).toEqual({ input: 5, output: 8 })
  expect(readStreamUsage([chunk(1), chunk(1e12)])).toBeUndefined()
  expect(readStreamUsage([start({ input_tokens: -25, output_tokens: 1 })])).toBeUndefined()
})

test('a stream that broke off before it told says nothing', () => {
  const chunk = { object: 'chat.completion.chunk', usage: null, choices: [{ delta: { content: 'a' } }] }
  expect(readStreamUsage([chunk, chunk])).toBeUndefined()
  expect(readStreamUsage([])).toBeUndefined()
  expect(readStreamUsage(['[DONE]', null])).toBeUndefined()
})
