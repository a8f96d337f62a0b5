import { Buffer } from 'node:buffer'
import { afterAll, describe, expect, test } from 'vitest'
import { type FetchInput, readAddress, readRequest } from './read-request.ts'
import { echoServer } from './testing/echo-server.ts'
import { withText } from './with-text.ts'

const server = await echoServer()
afterAll(() => server.close())

const { url } = server
const body = { model: 'm', messages: [{ role: 'user', content: 'Grüße, 世界 👋' }], stream: true }
const text = JSON.stringify(body)
const bytes = new TextEncoder().encode(text)
const padded = new Uint8Array([0, ...bytes, 0])
const json = { 'content-type': 'application/json' }

type Arguments = readonly [input: FetchInput, init?: RequestInit]

function post(sent: RequestInit['body'], headers: NonNullable<RequestInit['headers']> = json): RequestInit {
  return { method: 'POST', headers, body: sent ?? null, ...(sent instanceof ReadableStream ? { duplex: 'half' } : {}) }
}

function request(sent: RequestInit['body'], headers: NonNullable<RequestInit['headers']> = json): Request {
  return new Request(url, post(sent, headers))
}

function form(): FormData {
  const fields = new FormData()
  fields.append('model', 'whisper-1')
  fields.append('timestamp_granularities[]', 'word')
  fields.append('timestamp_granularities[]', 'segment')
  fields.append('file', new File([new Uint8Array(7)], 'speech.mp3', { type: 'audio/mpeg' }))
  return fields
}

const jsonBodies: readonly (readonly [string, () => Arguments])[] = [
  ['a string', () => [url, post(text)]],
  ['a string for a URL', () => [new URL(url), post(text)]],
  ['a string without a type', () => [url, { method: 'POST', body: text }]],
  ['a string as plain text', () => [url, post(text, [['content-type', 'text/plain;charset=UTF-8']])]],
  [
    'a string with a charset',
    () => [url, post(text, new Headers({ 'Content-Type': 'application/json; charset=utf-8' }))],
  ],
  ['a string with its length', () => [url, post(text, { ...json, 'Content-Length': String(bytes.length) })]],
  ['bytes', () => [url, post(bytes)]],
  ['a part of a buffer', () => [url, post(padded.subarray(1, -1))]],
  ['a Buffer', () => [url, post(Buffer.from(text))]],
  ['an ArrayBuffer', () => [url, post(bytes.buffer)]],
  ['a Blob', () => [url, { method: 'POST', body: new Blob([text], { type: 'application/json' }) }]],
  ['a Request', () => [request(text)]],
  ['a Request with its length', () => [request(text, { ...json, 'content-length': String(bytes.length) })]],
  ['a Request of a stream', () => [request(ReadableStream.from([bytes.subarray(0, 9), bytes.subarray(9)]))]],
  ['another body for a Request', () => [request('{}'), { body: text }]],
]

describe('JSON', () => {
  test.each(jsonBodies)('in %s is read, and is still there to be sent', async (_what, make) => {
    const args = make()
    expect(await readRequest(...args)).toMatchObject({ url, method: 'POST', text, body })
    await fetch(...args)
    expect(server.received().bytes.toString()).toBe(text)
  })

  test.each(jsonBodies)('in %s gives way to another of the same type', async (_what, make) => {
    const other = text.replace('Grüße', 'Viele schöne Grüße')
    await fetch(...make())
    const { headers } = server.received()
    const args = make()
    await readRequest(...args)
    await fetch(...withText(...at(args), other))
    const sent = server.received()
    expect(sent.bytes.toString()).toBe(other)
    expect(sent.headers['content-length']).toBe(String(Buffer.byteLength(other)))
    expect(sent.headers['content-type']).toBe(headers['content-type'])
  })

  test('that is none is not read', async () => {
    const unread = { text: undefined, body: undefined }
    expect(await readRequest(url, post('{"model":'))).toMatchObject(unread)
    expect(await readRequest(url, post('hello', {}))).toMatchObject(unread)
    expect(await readRequest(url, post('{}', { 'content-type': 'application/x-ndjson' }))).toMatchObject(unread)
    expect(await readRequest(url, post(new Uint8Array([0xff, 0xfe])))).toMatchObject(unread)
    expect(await readRequest(url, post(bytes, { ...json, 'content-encoding': 'gzip' }))).toMatchObject(unread)
    expect(await readRequest(url, post(bytes, { 'content-type': 'audio/mpeg' }))).toMatchObject(unread)
    expect(await readRequest(url)).toMatchObject({ ...unread, method: 'GET', signal: undefined })
  })
})

describe('withText', () => {
  test('keeps the very headers that name no length, and changes nothing that it was given', () => {
    const headers = new Headers(json)
    const init = post(text, headers)
    const [, next] = withText(url, init, '{}')
    expect(next.headers).toBe(headers)
    expect(init.body).toBe(text)
    const sized = new Headers({ ...json, 'content-length': '9' })
    expect(new Headers(withText(url, post(text, sized), '{}')[1].headers).has('content-length')).toBe(false)
    expect(sized.get('content-length')).toBe('9')
  })

  test('keeps what else a Request says', () => {
    const { signal } = new AbortController()
    const own = new Request(url, { ...post(text), redirect: 'error', signal })
    const next = new Request(...withText(own, undefined, '{}'))
    expect([next.method, next.redirect, next.headers.get('content-type')]).toEqual([
      'POST',
      'error',
      json['content-type'],
    ])
  })
})

describe('a form', () => {
  const fields = {
    model: 'whisper-1',
    'timestamp_granularities[]': ['word', 'segment'],
    file: { name: 'speech.mp3', type: 'audio/mpeg', size: 7 },
  }

  test('is read by its fields', async () => {
    const args: Arguments = [url, { method: 'POST', body: form() }]
    expect(await readRequest(...args)).toMatchObject({ text: undefined, body: fields })
    await fetch(...args)
    expect(server.received().bytes.toString()).toContain('name="timestamp_granularities[]"')
  })

  test('of letters likewise, as an object and as a text', async () => {
    const search = new URLSearchParams({ model: 'm', q: 'ä b' })
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const sent of [post(search, {}), post(search.toString(), type)])
      expect(await readRequest(url, sent)).toMatchObject({ text: undefined, body: { model: 'm', q: 'ä b' } })
  })

  test('has fields of any name', async () => {
    const odd = new FormData()
    odd.append('__proto__', 'x')
    const read = await readRequest(url, { method: 'POST', body: odd })
    expect(Object.entries(read.body as object)).toEqual([['__proto__', 'x']])
  })

  test('that a Request has written is left to it', async () => {
    const own = new Request(url, { method: 'POST', body: form() })
    expect(await readRequest(own)).toMatchObject({ text: undefined, body: undefined })
    await fetch(own)
    expect(server.received().bytes.toString()).toContain('speech.mp3')
  })
})

describe('a stream', () => {
  test('is not touched', async () => {
    let pulled = 0
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          pulled += 1
          controller.enqueue(bytes)
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const init = post(stream)
    expect(await readRequest(url, init)).toMatchObject({ text: undefined, body: undefined })
    expect([pulled, stream.locked]).toEqual([0, false])
    await fetch(url, init)
    expect(server.received().bytes.toString()).toBe(text)
  })

  test('in a Request that is no JSON is not touched either', async () => {
    const own = request(ReadableStream.from([bytes]), { 'content-type': 'application/octet-stream' })
    expect(await readRequest(own)).toMatchObject({ text: undefined, body: undefined })
    expect([own.bodyUsed, own.body?.locked]).toEqual([false, false])
  })

  test('of a Request that was read before is left to fetch to refuse', async () => {
    const own = request(text)
    await own.text()
    expect(await readRequest(own)).toMatchObject({ text: undefined, body: undefined })
    await expect(fetch(own)).rejects.toThrow(TypeError)
  })
})

describe('method, headers and signal', () => {
  const { signal } = new AbortController()
  const other = new AbortController().signal

  test('are those of the Request, as far as nothing else is said', async () => {
    const own = new Request(url, { method: 'PUT', headers: { a: '1' }, signal })
    const read = await readRequest(own)
    expect([read.method, read.headers.get('a'), read.signal]).toEqual(['PUT', '1', own.signal])
    const said = await readRequest(own, { method: 'patch', headers: { b: '2' }, signal: other })
    expect([said.method, said.headers.get('a'), said.headers.get('b')]).toEqual(['PATCH', null, '2'])
    expect(said.signal).toBe(other)
    expect((await readRequest(own, { signal: null })).signal).toBeUndefined()
  })

  test('are told without reading anything', () => {
    expect(readAddress(url)).toEqual({ method: 'GET', url })
    expect(readAddress(new URL(url), { method: 'delete' })).toEqual({ method: 'DELETE', url })
    expect(readAddress(request(text))).toEqual({ method: 'POST', url })
  })
})

function at([input, init]: Arguments): readonly [FetchInput, RequestInit | undefined] {
  return [input, init]
}
