import { guardFetch } from '@holdfast/http'
import { createLedger, memory } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { bytesOf } from './support/caller-view.ts'
import { SPLITS } from './support/expect-same.ts'
import { chat } from './support/openai-bodies.ts'
import { SSE, sse, streamUsageOf, usageOf } from './support/wire-case.ts'
import { type Answer, WireServer } from './support/wire-server.ts'

const GEMINI_USAGE = { promptTokenCount: 9, candidatesTokenCount: 4, thoughtsTokenCount: 3, totalTokenCount: 16 }
const GEMINI = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'Hello — thére' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: GEMINI_USAGE,
  modelVersion: 'gemini-2.5-pro',
}
const GEMINI_CALL = {
  ...GEMINI,
  candidates: [{ content: { role: 'model', parts: [{ functionCall: { name: 'f', args: { a: 1 } } }] }, index: 0 }],
}
const { usageMetadata: _, ...GEMINI_PART } = GEMINI
const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }] }

const MESSAGES = [{ role: 'user', content: 'Say hello.' }]
const OLLAMA = { model: 'llama3.2', created_at: '2026-11-21T00:00:00Z', message: { role: 'assistant', content: 'Hel' } }
const OLLAMA_DONE = { ...OLLAMA, done: true, done_reason: 'stop', prompt_eval_count: 26, eval_count: 7 }
const OPENROUTER = chat(undefined, {
  usage: { prompt_tokens: 19, completion_tokens: 10, total_tokens: 29, cost: 0.00014 },
})

const lines = (list: readonly object[]): string => list.map((one) => `${JSON.stringify(one)}\n`).join('')

/** What a provider without a client of ours answers. */
const CASES: readonly {
  readonly provider: string
  readonly path: string
  readonly body: object
  readonly answer: Answer
  readonly usage: object | undefined
}[] = [
  {
    ...{ provider: 'google', path: '/v1beta/models/gemini-2.5-pro:generateContent', body: CONTENTS },
    ...{ answer: { body: JSON.stringify(GEMINI) }, usage: usageOf(GEMINI, 'google') },
  },
  {
    ...{ provider: 'google', path: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', body: CONTENTS },
    answer: { type: SSE, body: sse([GEMINI_PART, GEMINI_CALL, GEMINI]) },
    usage: streamUsageOf([GEMINI_PART, GEMINI_CALL, GEMINI], 'google'),
  },
  {
    ...{ provider: 'google', path: '/v1beta/models/gemini-2.5-pro:streamGenerateContent', body: CONTENTS },
    answer: { body: `[${JSON.stringify(GEMINI_PART)},\r\n${JSON.stringify(GEMINI)}\n]` },
    usage: streamUsageOf([GEMINI_PART, GEMINI], 'google'),
  },
  {
    ...{ provider: 'ollama', path: '/api/chat', body: { model: 'llama3.2', messages: MESSAGES } },
    answer: { type: 'application/x-ndjson', body: lines([{ ...OLLAMA, done: false }, OLLAMA_DONE]) },
    usage: streamUsageOf([{ ...OLLAMA, done: false }, OLLAMA_DONE], 'ollama'),
  },
  {
    ...{ provider: 'ollama', path: '/api/generate', body: { model: 'llama3.2', prompt: 'a', stream: false } },
    answer: { body: JSON.stringify({ ...OLLAMA_DONE, response: 'Hello' }) },
    usage: usageOf({ ...OLLAMA_DONE, response: 'Hello' }, 'ollama'),
  },
  {
    ...{
      provider: 'openrouter',
      path: '/api/v1/chat/completions',
      body: { model: 'openai/gpt-5', messages: MESSAGES },
    },
    ...{ answer: { body: JSON.stringify(OPENROUTER) }, usage: usageOf(OPENROUTER, 'openrouter') },
  },
]

describe('what a guarded fetch answers is what the fetch beneath it does', () => {
  test.each(CASES)('$provider $path', async ({ provider, path, body, answer, usage }) => {
    await using server = await WireServer.start()
    await using ledger = createLedger({ store: memory(), limits: {} })
    const guarded = guardFetch(ledger, { provider })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    for (const split of SPLITS) {
      server.respond = () => (split === undefined ? answer : { ...answer, split })
      const expected = await bytesOf(await fetch(server.url + path, init))
      expect(await bytesOf(await guarded(server.url + path, init)), `split ${split}`).toEqual(expected)
    }
    expect(usage).toBeDefined()
    const rows = await ledger.calls.list()
    expect(rows).toHaveLength(SPLITS.length)
    for (const row of rows) expect(row).toMatchObject({ provider, usage, cost: { estimated: false } })
  })

  test('what is free goes through as it is, and is no call', async () => {
    await using server = await WireServer.start(() => ({ body: '{"data":[]}' }))
    await using ledger = createLedger({ store: memory(), limits: {} })
    const url = `${server.url}/v1/models`
    const expected = await bytesOf(await fetch(url))
    expect(await bytesOf(await guardFetch(ledger, { provider: 'openai' })(url))).toEqual(expected)
    expect(await ledger.calls.list()).toEqual([])
  })
})
