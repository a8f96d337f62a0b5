import { expect, test } from 'vitest'
import { guardFetch } from '../guard-fetch.ts'
import { chunks, toolChunks } from './testing/bodies.ts'
import { callsOf, SAY_HI, testLedger } from './testing/guarded.ts'
import { events, type ModelServer, modelServer } from './testing/model-server.ts'

const STREAMED = { ...SAY_HI, stream: true, stream_options: { include_usage: true } }

function asked(server: ModelServer, fetched: typeof fetch, signal?: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(STREAMED)
  return fetched(`${server.url}/v1/chat/completions`, { method: 'POST', headers, body, ...(signal && { signal }) })
}

test.each([undefined, 'drain' as const])('who waits for its end can still abort it (%s)', async (onStreamAbort) => {
  const ledger = testLedger()
  const all = chunks(['Hi'], true)
  const server = await modelServer(events(all, 'stays open'))
  const controller = new AbortController()
  const response = await asked(server, guardFetch(ledger, { onStreamAbort }), controller.signal)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (text !== all.join('')) text += new TextDecoder().decode((await reader.read()).value)
  expect(await callsOf(ledger)).toMatchObject([{ status: 'succeeded' }])
  const next = reader.read()
  const enough = new Error('enough')
  controller.abort(enough)
  await expect(next).rejects.toBe(enough)
})

test.each(['text/event-stream', 'text/plain', 'application/octet-stream'])(
  'a tool call is on record before its arguments can be read, though nothing says yet that it is over (%s)',
  async (type) => {
    const ledger = testLedger()
    const all = toolChunks('pay', '{"usd":1}')
    const waiting = Promise.withResolvers<void>()
    const server = await modelServer(async (response) => {
      response.writeHead(200, { 'content-type': type })
      response.write(all.slice(0, 2).join(''))
      await waiting.promise
      response.end(all.slice(2).join(''))
    })
    const response = await asked(server, guardFetch(ledger))
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(all[0])
    const next = reader.read()
    waiting.resolve()
    expect(new TextDecoder().decode((await next).value)).toContain('pay')
    expect(await callsOf(ledger)).toMatchObject([{ status: 'succeeded' }])
  },
)
