import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { TapOptions, TappedEnd } from './tap.ts'
import { tapResponse } from './tap-response.ts'
import { STREAMS } from './testing/streams.ts'
import { readAll, readSome } from './testing/tapped.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Asks a server that answers like this. */
async function asked(
  answer: (response: ServerResponse) => void,
  signal?: AbortSignal,
): Promise<readonly [Response, TappedEnd[]]> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const bare = await fetch(`http://127.0.0.1:${port}/`, signal === undefined ? {} : { signal })
  const ends: TappedEnd[] = []
  const options: TapOptions = {
    provider: 'openai',
    shape: 'openai-chat',
    hidesUsage: false,
    maxKeptBytes: 1_048_576,
    outputTokens: undefined,
    onStreamAbort: 'estimate',
    signal,
    stop: () => undefined,
    onEnd: async (end) => void ends.push(end),
  }
  return [tapResponse(bare, options), ends]
}

const [stream] = STREAMS
const events = stream?.events ?? []

test('a stream over a socket is handed on and told', async () => {
  const [response, ends] = await asked((answer) => {
    for (const event of events) answer.write(event)
    answer.end()
  })
  expect(await readAll(response)).toMatchObject({ text: events.join(''), error: undefined })
  expect(ends).toMatchObject([{ kind: 'complete', reading: { usage: stream?.usage, complete: true } }])
})

test('a reset breaks the body as it breaks a bare one', async () => {
  const [response, ends] = await asked((answer) => {
    answer.write(events[1], () => answer.destroy())
  })
  const { text, error } = await readAll(response)
  expect(text).toBe(events[1])
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toMatchObject({ message: 'terminated' })
  expect(ends).toMatchObject([{ kind: 'failed', error }])
})

test.each(['abort', 'break'])('after %s the server is told to stop', async (how) => {
  const controller = new AbortController()
  const stopped = Promise.withResolvers<void>()
  const [response, ends] = await asked((answer) => {
    answer.on('close', stopped.resolve)
    answer.write(events[2])
  }, controller.signal)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  expect(await readSome(reader, 1)).toBe(events[2])
  const next = reader.read()
  if (how === 'abort') controller.abort()
  else await reader.cancel()
  if (how === 'abort') await expect(next).rejects.toMatchObject({ name: 'AbortError' })
  else expect((await next).done).toBe(true)
  await stopped.promise
  expect(ends).toMatchObject([{ kind: 'cancelled' }])
})
