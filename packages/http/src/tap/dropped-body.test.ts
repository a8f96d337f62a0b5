import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { TapOptions, TappedEnd } from './tap.ts'
import { tapResponse } from './tap-response.ts'
import { bytesOf, tapped } from './testing/tapped.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const event = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }] })}\n\n`

/** Collects garbage until it happens: finalizers run in their own time. */
async function until(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !isDone(); turn += 1) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function readOne(response: Response): Promise<void> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  reader.releaseLock()
}

test.each([
  ['never touched', async () => undefined],
  ['read in part', readOne],
])('a stream that is dropped, %s, is settled', async (_how, use) => {
  const ends: TappedEnd[] = []
  const log: string[] = []
  const { signal } = new AbortController()
  const options: Partial<TapOptions> = {
    signal,
    stop: () => log.push('stopped'),
    onEnd: async (end) => void ends.push(end),
  }
  await (async () => use(tapped([event('ab')], { ...options, behind: 'open' }).response))()
  await until(() => ends.length > 0)
  expect(ends).toMatchObject([{ kind: 'dropped', reading: undefined, seenTokens: use === readOne ? 2 : 0 }])
  expect(log).toEqual(['stopped'])
})

test('a stream whose reader is still held is not dropped', async () => {
  const ends: TappedEnd[] = []
  const reader = (() => {
    const { response } = tapped([event('ab')], { onEnd: async (end) => void ends.push(end) })
    return (response.body as ReadableStream<Uint8Array>).getReader()
  })()
  for (let turn = 0; turn < 5; turn += 1) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(ends).toEqual([])
  expect((await reader.read()).done).toBe(false)
})

test('a long stream takes no memory', async () => {
  const chunk = event('word ').repeat(500)
  const count = Math.ceil(100_000_000 / chunk.length)
  let sent = 0
  const source = new ReadableStream<Uint8Array>(
    { pull: (controller) => (sent++ < count ? controller.enqueue(bytesOf(chunk)) : controller.close()) },
    { highWaterMark: 0 },
  )
  const ends: TappedEnd[] = []
  const bare = new Response(source, { headers: { 'content-type': 'text/event-stream' } })
  const response = tapResponse(bare, {
    provider: 'openai',
    shape: 'openai-chat',
    hidesUsage: true,
    maxKeptBytes: 1_048_576,
    outputTokens: undefined,
    onStreamAbort: 'estimate',
    signal: undefined,
    stop: () => undefined,
    onEnd: async (end) => void ends.push(end),
  })
  const before = heapUsed()
  let most = 0
  let length = 0
  for await (const bytes of response.body as ReadableStream<Uint8Array>) {
    length += bytes.length
    if (sent % 400 === 0) most = Math.max(most, heapUsed() - before)
  }
  expect(length).toBe(count * chunk.length)
  expect(ends).toMatchObject([{ kind: 'complete', bytes: undefined }])
  expect(most).toBeLessThan(5_000_000)
})

function heapUsed(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
