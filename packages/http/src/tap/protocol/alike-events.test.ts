import { describe, expect, test } from 'vitest'
import { Anthropic } from './anthropic.ts'
import { OpenaiChat } from './openai-chat.ts'
import { type Protocol, StreamNotes } from './protocol.ts'

const HEAD = '{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m",'

function chunk(delta: string, rest = ''): string {
  return `${HEAD}"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":null}]${rest}}`
}

function said(text: string, rest = ''): string {
  return chunk(`{"content":"${text}"}`, rest)
}

function called(index: number, text: string): string {
  return chunk(`{"tool_calls":[{"index":${index},"function":{"arguments":"${text}"}}]}`)
}

function seen(protocol: Protocol, events: readonly string[]) {
  const notes = new StreamNotes()
  const verdicts = events.map((data) => protocol.see(data, notes))
  return { verdicts, telling: notes.telling, most: notes.seen.most(), least: notes.seen.least() }
}

describe('events that begin like the one before', () => {
  test('count as many as when each is the first', () => {
    const texts = ['one', 'two', 'a \\"quoted\\" bit', '', 'back\\\\slash', 'four']
    const together = seen(
      new OpenaiChat(),
      texts.map((text) => said(text)),
    )
    const apart = texts.map((text) => seen(new OpenaiChat(), [said(text)]).most ?? 0)
    expect(together.most).toBe(apart.reduce((sum, one) => sum + one, 0))
    expect(together.verdicts).toEqual(texts.map(() => 'pass'))
  })

  test('are read for the usage that stands behind their text', () => {
    const last = said('three', ',"usage":{"prompt_tokens":1,"completion_tokens":3}')
    expect(seen(new OpenaiChat(), [said('one'), said('two'), last]).telling).toEqual([last])
  })

  test('are read for the usage that stands before their text', () => {
    const [one, two] = ['one', 'two'].map((text) =>
      said(text).replace(HEAD, `${HEAD}"usage":{"prompt_tokens":1,"completion_tokens":3},`),
    )
    expect(seen(new OpenaiChat(), [one ?? '', two ?? '']).telling).toEqual([two])
  })

  test('end a call where they begin the next', () => {
    const { verdicts, most } = seen(new OpenaiChat(), [called(0, '{'), called(0, '\\"a\\"'), called(1, '{')])
    expect(verdicts).toEqual(['pass', 'pass', 'hold'])
    expect(most).toBe(5)
  })

  test('end an answer where they say so', () => {
    const last = said('two').replace('"finish_reason":null', '"finish_reason":"length"')
    const notes = new StreamNotes()
    const chat = new OpenaiChat()
    for (const data of [said('one'), last]) chat.see(data, notes)
    expect(notes.isFinished).toBe(true)
  })

  test('are counted in the blocks of a message', () => {
    const delta = (text: string) =>
      `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${text}"}}`
    expect(seen(new Anthropic(), ['one', 'two', '\\n', 'three'].map(delta)).most).toBe(12)
  })

  test('may have more escapes than a pattern finds the end of', () => {
    const escapes = '\\"'.repeat(5_000_000)
    expect(seen(new OpenaiChat(), [called(0, '{'), called(0, escapes), said(escapes)]).most).toBe(10_000_001)
  })
})
