import { describe, expect, test } from 'vitest'
import { readStreamUsage } from './read-stream-usage.ts'
import { readUsage } from './read-usage.ts'
import { hasRecordedAnswers, recordedAnswers, recordedStreams } from './testing/recorded-answers.ts'
import { inputTokensOf, outputTokensOf } from './token-usage.ts'

const SHAPES = ['openai-chat', 'openai-responses', 'openai-embeddings', 'anthropic-messages']
const answers = SHAPES.flatMap(recordedAnswers)
const streams = SHAPES.flatMap(recordedStreams)
const inputs = ['prompt_tokens', 'input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
const outputs = ['completion_tokens', 'output_tokens']

/** What real providers sent. HOLDFAST_FIXTURES names the folder that holds provider-responses. */
describe.skipIf(!hasRecordedAnswers)('recorded answers', () => {
  test('are there', () => {
    expect(answers.length).toBeGreaterThanOrEqual(20)
    expect(streams.length).toBeGreaterThanOrEqual(18)
  })

  test.each(answers)('every token of $name is counted once', ({ body }) => {
    const reading = readUsage(body)
    if (body.usage === undefined || body.usage === null) {
      expect(reading).toBeUndefined()
      return
    }
    const usage = body.usage as Record<string, number | undefined>
    const sum = (names: string[]) => names.reduce((total, name) => total + (usage[name] ?? 0), 0)
    expect(reading).toMatchObject({ complete: true, model: body.model })
    expect([inputTokensOf(reading?.usage ?? {}), outputTokensOf(reading?.usage ?? {})]).toEqual([
      sum(inputs),
      sum(outputs),
    ])
  })

  test('cached input, reasoning and tools of the provider are told apart', () => {
    const byName = (name: string) => readUsage(answers.find((answer) => answer.name.includes(name))?.body)?.usage
    expect(byName('openai-file-search')).toEqual({
      input: 1_140,
      cacheRead: 2_560,
      output: 101,
      reasoning: 640,
      fileSearches: 1,
    })
    expect(byName('openai-web-search')).toEqual({
      input: 15_969,
      cacheRead: 3_712,
      output: 637,
      reasoning: 3_136,
      webSearches: 3,
    })
    expect(byName('openai-code-interpreter')).toMatchObject({ codeSessions: 1 })
    expect(byName('anthropic-web-search')).toEqual({ input: 27_118, output: 600, webSearches: 2 })
    expect(byName('claude-opus-5-reasoning')).toEqual({ input: 51, output: 1_560, reasoning: 139 })
  })

  test.each(streams)('the stream $name tells what its answer used, or that it does not know', ({ name, events }) => {
    const isFailed = name.startsWith('openai-error')
    const reading = readStreamUsage(events)
    if (isFailed) expect(reading).toBeUndefined()
    else
      expect(reading).toMatchObject({
        complete: true,
        usage: { input: expect.any(Number), output: expect.any(Number) },
      })
  })

  test('what Anthropic counts only at the end is what counts', () => {
    const stream = streams.find(({ name }) => name.startsWith('anthropic-web-search'))
    expect(readStreamUsage(stream?.events ?? [])?.usage).toEqual({ input: 15_665, output: 795, webSearches: 1 })
  })

  test.each(streams.filter(({ name }) => name.startsWith('anthropic')))(
    'of $name, cut after any event, the input is known and the output is not',
    ({ events }) => {
      const end = events.findIndex(({ type }) => type === 'message_delta')
      expect(end).toBeGreaterThan(0)
      for (let cut = 1; cut <= end; cut++) {
        const reading = readStreamUsage(events.slice(0, cut))
        expect(reading).toMatchObject({ complete: false, usage: { input: expect.any(Number) } })
      }
      expect(readStreamUsage(events.slice(0, 0))).toBeUndefined()
    },
  )
})
