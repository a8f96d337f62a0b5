import { expect, test } from 'vitest'
import type { AnswerShape } from '../endpoint/endpoint.ts'
import { EVENTS, readAll, tapped } from './testing/tapped.ts'

const TEXT = '{"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}'
const FOREIGN = 'data: {"type":"of.another.kind","delta":{"text":"Hello"}}\n\n'

async function seenOf(events: readonly string[], shape: AnswerShape = 'openai-chat'): Promise<number | undefined> {
  const { response, ends } = tapped(events, { shape, contentType: EVENTS, hidesUsage: false })
  expect((await readAll(response)).text).toBe(new TextDecoder().decode(new TextEncoder().encode(events.join(''))))
  return ends[0]?.seenTokens
}

test.each(['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'ollama'] as const)(
  'what came out in events that %s does not have, nobody can tell',
  async (shape) => {
    expect(await seenOf([FOREIGN], shape)).toBeUndefined()
  },
)

test.each([
  ['that are none', ['Hello\n\nto\nyou']],
  ['that are no JSON', ['data: {"choices":[{"delta":{"content":"Hello"},,}]}\n\n', 'data: [DONE]\n\n']],
  ['whose lines end in a carriage return alone', [`data: ${TEXT}\r\r`, `data: ${TEXT}\r\r`, 'data: [DONE]\r\r']],
])('nor in events %s', async (_name, events) => {
  expect(await seenOf(events)).toBeUndefined()
})

test('a mark of the byte order before the first event is no part of it', async () => {
  const { response, ends } = tapped([`\uFEFFdata: ${TEXT}\n\n`, 'data: [DONE]\n\n'], {
    shape: 'openai-chat',
    contentType: EVENTS,
    hidesUsage: false,
  })
  await readAll(response)
  expect(ends[0]?.seenTokens).toBe('Hello'.length)
})

test('comments and what else says nothing are no part of an answer', async () => {
  expect(await seenOf([': alive\n\n', 'event: ping\nid: 1\n\n', '\n\n', 'data: [DONE]\n\n'])).toBe(0)
})
