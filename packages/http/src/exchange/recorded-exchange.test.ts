import fc from 'fast-check'
import { OutputCutOffError } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { type RecordedExchange, recordedExchange, recordedHead, responseOf } from './recorded-exchange.ts'

const URL = 'https://api.openai.com/v1/responses'
const HEAD = { status: 200, statusText: 'OK', headers: [['content-type', 'text/event-stream']] } as const
const NOTHING_SAID = { reading: undefined, pendingId: undefined }
const stored = (recorded: RecordedExchange): RecordedExchange => JSON.parse(JSON.stringify(recorded))

test('any bytes come back as they were, through JSON', async () => {
  const property = fc.asyncProperty(
    fc.oneof(
      fc.uint8Array(),
      fc.string().map((text) => new TextEncoder().encode(text)),
    ),
    async (bytes) => {
      const recorded = stored(recordedExchange(HEAD, { kind: 'complete', bytes, ...NOTHING_SAID }))
      const response = responseOf(recorded, URL)
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array(bytes))
      expect(response.url).toBe(URL)
    },
  )
  await fc.assert(property)
})

test('a text with a byte order mark keeps it', async () => {
  const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x41])
  const recorded = recordedExchange(HEAD, { kind: 'complete', bytes, ...NOTHING_SAID })
  expect(new Uint8Array(await responseOf(recorded, URL).arrayBuffer())).toEqual(bytes)
})

test('keeps what callers read, and no cookie or credential', () => {
  const kept = {
    'content-type': 'application/json',
    'x-request-id': 'a',
    'request-id': 'b',
    'apim-request-id': 'c',
    'openai-processing-ms': '5',
    'anthropic-ratelimit-requests-remaining': '9',
    'x-ratelimit-remaining-tokens': '8',
    'retry-after': '1',
    'x-should-retry': 'true',
  }
  const dropped = {
    'set-cookie': 's=1',
    authorization: 'Bearer k',
    'x-api-key': 'k',
    'content-encoding': 'br',
    'content-length': '3',
  }
  const response = new Response(null, { status: 429, statusText: 'Slow down', headers: { ...kept, ...dropped } })
  const head = recordedHead(response)
  expect(Object.fromEntries(head.headers)).toEqual(kept)
  expect(head).toMatchObject({ status: 429, statusText: 'Slow down' })
})

test('a response without a body has none again', async () => {
  const head = { status: 204, statusText: 'No Content', headers: [] }
  const recorded = recordedExchange(head, { kind: 'complete', bytes: new Uint8Array(), ...NOTHING_SAID })
  expect(responseOf(recorded, URL)).toMatchObject({ status: 204, body: null })
})

describe('a body that broke off', () => {
  const bytes = new TextEncoder().encode('data: 1\n\n')

  test.each([
    [
      new TypeError('terminated', { cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }) }),
      TypeError,
    ],
    [new DOMException('This operation was aborted', 'AbortError'), DOMException],
    [Object.assign(new Error('broken pipe'), { code: 'EPIPE' }), Error],
    ['no error at all', Error],
  ])('fails at the same place with the same kind of error: %s', async (error, kind) => {
    const recorded = stored(recordedExchange(HEAD, { kind: 'failed', error, bytes, ...NOTHING_SAID }))
    const reader = (responseOf(recorded, URL).body as ReadableStream<Uint8Array>).getReader()
    expect((await reader.read()).value).toEqual(bytes)
    const failure = await reader.read().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(failure).toBeInstanceOf(kind)
    const { name, message, code } = (error instanceof Error ? error : new Error(String(error))) as Error & {
      code?: unknown
    }
    expect(failure).toMatchObject({ name, message })
    if (typeof code === 'string') expect(failure).toMatchObject({ code })
    if (error instanceof TypeError)
      expect(failure).toMatchObject({ cause: { message: 'other side closed', code: 'UND_ERR_SOCKET' } })
  })

  test('because it was cut off says so again', async () => {
    const error = new OutputCutOffError({ model: 'gpt-5', outputTokens: 20 })
    const recorded = stored(recordedExchange(HEAD, { kind: 'cut', error, bytes, ...NOTHING_SAID }))
    const text = responseOf(recorded, URL).text()
    await expect(text).rejects.toThrow(OutputCutOffError)
    await expect(text).rejects.toMatchObject({ message: error.message, outputTokens: 20 })
  })

  test.each(['cancelled', 'dropped'] as const)(
    'because it was %s says that nothing more is on record',
    async (kind) => {
      const recorded = stored(recordedExchange(HEAD, { kind, bytes, ...NOTHING_SAID }))
      const reader = (responseOf(recorded, URL).body as ReadableStream<Uint8Array>).getReader()
      expect((await reader.read()).value).toEqual(bytes)
      await expect(reader.read()).rejects.toThrow('The record of this answer ends here')
    },
  )
})
