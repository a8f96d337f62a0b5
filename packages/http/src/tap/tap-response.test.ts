import { describe, expect, test, vi } from 'vitest'
import type { TappedEnd } from './tap.ts'
import { tapResponse } from './tap-response.ts'
import { bytesOf, readAll, readSome, type TappedOptions, tapped, textOf } from './testing/tapped.ts'

const event = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }] })}\n\n`
const DONE = 'data: [DONE]\n\n'
const readerOf = ({ body }: Response) => (body as ReadableStream<Uint8Array>).getReader()
const refused = new Error('the store is gone')
const refuses = async () => {
  throw refused
}

describe('the response', () => {
  test('is as it was, but for its body', async () => {
    const headers = new Headers({ 'content-type': 'application/json', 'x-request-id': 'req_1' })
    const bare = Object.defineProperties(new Response('{}', { status: 201, statusText: 'Made' }), {
      headers: { value: headers },
      url: { value: 'https://api.test/v1' },
      redirected: { value: true },
      type: { value: 'basic' },
    })
    const { response } = tapped([])
    const options = { ...optionsFor(), onEnd: async () => undefined }
    const same = tapResponse(bare, options)
    expect(same.headers).toBe(headers)
    const { status, statusText, url, redirected, type, ok, bodyUsed } = same
    expect({ status, statusText, url, redirected, type, ok, bodyUsed }).toEqual({
      status: 201,
      statusText: 'Made',
      url: 'https://api.test/v1',
      redirected: true,
      type: 'basic',
      ok: true,
      bodyUsed: false,
    })
    const clone = same.clone()
    expect([clone.url, clone.headers.get('x-request-id')]).toEqual(['https://api.test/v1', 'req_1'])
    expect([await same.json(), await clone.json()]).toEqual([{}, {}])
    expect(response).toBeInstanceOf(Response)
    expect(response.constructor.name).toBe('Response')
  })

  test('without a body it has ended at once', async () => {
    const onEnd = vi.fn(async () => undefined)
    const bare = new Response(null, { status: 204 })
    expect(tapResponse(bare, { ...optionsFor(), onEnd })).toBe(bare)
    expect(onEnd).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'complete', reading: undefined }))
  })

  test('nothing is asked of the provider before its reader asks, and no more than that', async () => {
    const { response, log } = tapped([event('a'), event('b'), event('c')])
    expect(log).toEqual([])
    const reader = readerOf(response)
    await reader.read()
    expect(log).toEqual(['pulled'])
  })

  test('chunks without cuts go on as they are', async () => {
    const chunk = bytesOf(event('a') + event('b'))
    const { response } = tapped([chunk])
    expect((await readerOf(response).read()).value).toBe(chunk)
  })
})

describe('one JSON value', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }
  const json: TappedOptions = { contentType: 'application/json; charset=utf-8' }

  test('goes on as it comes; its end waits until it is settled', async () => {
    const text = JSON.stringify({ model: 'gpt-4o-mini', choices: [{ message: { content: 'Grüße' } }], usage })
    const { response, ends, log } = tapped([text.slice(0, 40), text.slice(40)], json)
    const seen: string[] = []
    expect(await readAll(response, () => seen.push(log.join()))).toMatchObject({ text, error: undefined })
    expect(seen).toEqual(['pulled', 'pulled,pulled'])
    expect(log).toEqual(['pulled', 'pulled', 'pulled', 'settled'])
    const reading = { usage: { input: 9, output: 4 }, model: 'gpt-4o-mini', complete: true }
    expect(ends).toMatchObject([{ kind: 'complete', reading, seenTokens: Buffer.byteLength(text) }])
    expect(textOf(ends[0]?.bytes)).toBe(text)
  })

  test('letters that are written as escapes count as they are', async () => {
    const { response, ends } = tapped(['{"a":"\\ufdfa"}'], json)
    await readAll(response)
    expect(ends[0]?.seenTokens).toBe(Buffer.byteLength('{"a":"صلى الله عليه وسلم"}'))
  })

  test('that breaks off tells what it told', async () => {
    const broken = new TypeError('terminated')
    const { response, ends } = tapped([`{"usage":${JSON.stringify(usage)},"choi`], { ...json, behind: broken })
    expect((await readAll(response)).error).toBe(broken)
    expect(ends).toMatchObject([{ kind: 'failed', error: broken, reading: { usage: { input: 9 }, complete: false } }])
  })

  test("Gemini's list of answers tells with its last", async () => {
    const one = (count: number) => ({
      candidates: [],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: count },
    })
    const { response, ends } = tapped([JSON.stringify([one(1), one(4)])], { ...json, shape: 'gemini' })
    await readAll(response)
    expect(ends[0]?.reading).toMatchObject({ usage: { input: 9, output: 4 }, complete: true })
  })

  test.each(['queued', 'in_progress'])('of a response that is %s is known by its id', async (status) => {
    const body = JSON.stringify({ id: 'resp_1', object: 'response', status, usage: null })
    const { response, ends } = tapped([body], { ...json, shape: 'openai-responses' })
    await readAll(response)
    expect(ends[0]?.pendingId).toBe('resp_1')
  })

  test('of a response that is there is not', async () => {
    const used = { input_tokens: 9, output_tokens: 4, total_tokens: 13 }
    const body = JSON.stringify({ id: 'resp_1', object: 'response', status: 'completed', usage: used })
    const { response, ends } = tapped([body], { ...json, shape: 'openai-responses' })
    await readAll(response)
    expect(ends[0]).toMatchObject({ pendingId: undefined, reading: { usage: { input: 9, output: 4 } } })
  })

  test.each([
    ['is kept', 1_048_576],
    ['is too long to be kept', 100_000],
  ])('that is long and %s tells its usage without being parsed', async (_what, maxKeptBytes) => {
    const vectors = Array.from({ length: 400 }, () => ({ embedding: Array.from({ length: 50 }, () => 0.123456789) }))
    const body = {
      object: 'list',
      data: vectors,
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: 9, total_tokens: 9 },
    }
    const text = JSON.stringify(body)
    const parse = vi.spyOn(JSON, 'parse')
    const pieces = [text.slice(0, 90_000), text.slice(90_000, 150_000), text.slice(150_000)]
    const { response, ends } = tapped(pieces, { ...json, shape: 'openai-embeddings', maxKeptBytes })
    expect((await readAll(response)).text).toBe(text)
    expect(Math.max(...parse.mock.calls.map(([parsed]) => parsed.length))).toBeLessThan(100)
    parse.mockRestore()
    expect(ends[0]).toMatchObject({
      reading: { usage: { input: 9 }, model: 'text-embedding-3-small' },
      seenTokens: text.length,
    })
    expect(ends[0]?.bytes?.length).toBe(maxKeptBytes > text.length ? text.length : undefined)
  })
})

test('bytes that nobody can read are handed on and kept', async () => {
  const sound = Uint8Array.from({ length: 300 }, (_byte, index) => index)
  const { response, ends } = tapped([sound.slice(0, 99), sound.slice(99)], { contentType: 'audio/mpeg' })
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(sound)
  expect(ends[0]).toMatchObject({ kind: 'complete', reading: undefined, seenTokens: undefined })
  expect(new Uint8Array(ends[0]?.bytes ?? [])).toEqual(sound)
})

describe('an abort', () => {
  test('ends a stream that nobody reads', async () => {
    const controller = new AbortController()
    const { response, ends, log } = tapped([event('a')], { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await readAll(response)).toMatchObject({ text: '', error: reason })
    expect(ends).toMatchObject([{ kind: 'cancelled' }])
    expect(log).toEqual(['cancelled', 'settled'])
  })

  test('ends a stream whose reader waits', async () => {
    const controller = new AbortController()
    const { response, ends } = tapped([event('ab')], { signal: controller.signal, behind: 'open' })
    const reader = readerOf(response)
    await reader.read()
    const next = reader.read()
    controller.abort()
    await expect(next).rejects.toBe(controller.signal.reason)
    expect(ends).toMatchObject([{ kind: 'cancelled', seenTokens: 2 }])
  })

  test('that came before the response ends it, too', async () => {
    const { response, ends } = tapped([event('a')], { signal: AbortSignal.abort('no') })
    expect((await readAll(response)).error).toBe('no')
    expect(ends).toMatchObject([{ kind: 'cancelled' }])
  })

  test.each(['read to its end', 'left'])('is not listened for when the stream is %s', async (how) => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const { response } = tapped([event('a'), DONE], { signal })
    if (how === 'left') await response.body?.cancel()
    else await readAll(response)
    expect(removed.mock.calls.map(([name, listener]) => [name, listener])).toContainEqual(
      added.mock.calls[0]?.slice(0, 2),
    )
  })
})

describe('an end that cannot be put on record', () => {
  test('fails the body with its error, in place of what was held back', async () => {
    const { response } = tapped([event('a'), DONE], { settle: refuses })
    expect(await readAll(response)).toMatchObject({ text: event('a'), error: refused })
  })

  test('fails a break, too', async () => {
    const { response } = tapped([event('a')], { settle: refuses })
    await expect(response.body?.cancel()).rejects.toBe(refused)
  })

  test('fails an aborted body with its error', async () => {
    const controller = new AbortController()
    const { response } = tapped([event('a')], { settle: refuses, signal: controller.signal })
    controller.abort()
    expect((await readAll(response)).error).toBe(refused)
  })
})

describe('more than what is held', () => {
  const cutOff = () => refused
  const words = ['abc', 'def', 'ghi', 'jkl'].map(event)

  test('is cut off: stopped, settled, and failed', async () => {
    const { response, ends, log } = tapped([...words, DONE], { outputTokens: 2, cutOff })
    expect(await readAll(response)).toMatchObject({ text: words.slice(0, 3).join(''), error: refused })
    expect(log).toEqual(['pulled', 'pulled', 'pulled', 'stopped', 'cancelled', 'settled'])
    expect(ends).toMatchObject([{ kind: 'cut', error: refused, seenTokens: 9 }])
    expect(textOf(ends[0]?.bytes)).toBe(words.slice(0, 3).join(''))
  })

  test('is cut off at the same place, however its bytes are cut', async () => {
    const { response, ends } = tapped([words.join('') + DONE], { outputTokens: 2, cutOff })
    expect(await readAll(response)).toMatchObject({ text: words.slice(0, 3).join(''), error: refused })
    expect(textOf(ends[0]?.bytes)).toBe(words.slice(0, 3).join(''))
  })

  test('is not what many small pieces of a few tokens are', async () => {
    const letters = [...'abcdef'].map(event)
    const { response, ends } = tapped([...letters, DONE], { outputTokens: 2, cutOff })
    expect((await readAll(response)).error).toBeUndefined()
    expect(ends).toMatchObject([{ kind: 'complete' }])
  })
})

describe('a reader that leaves an answer which is read on', () => {
  const usage = 'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}\n\n'
  const drained = { onStreamAbort: { drainMs: 1_000 } } as const
  const ended = (): { options: TappedOptions; end: Promise<TappedEnd> } => {
    const { promise, resolve } = Promise.withResolvers<TappedEnd>()
    return { options: { ...drained, onEnd: async (end) => resolve(end) }, end: promise }
  }

  test('lets what was used be learnt from the rest', async () => {
    const { options, end } = ended()
    const { response } = tapped([event('a'), event('b'), usage, DONE], options)
    const reader = readerOf(response)
    const first = await readSome(reader, 1)
    await reader.cancel()
    const { kind, bytes, reading, seenTokens } = await end
    expect({ kind, bytes: textOf(bytes), seenTokens }).toEqual({ kind: 'cancelled', bytes: first, seenTokens: 2 })
    expect(reading).toMatchObject({ usage: { input: 9, output: 4 }, complete: true })
  })

  test('by an abort while it waits, the same', async () => {
    const { options, end } = ended()
    const controller = new AbortController()
    const gate = Promise.withResolvers<void>()
    const slow = new ReadableStream<Uint8Array>({
      pull: async (source) => {
        await gate.promise
        source.enqueue(bytesOf(event('a') + usage + DONE))
      },
    })
    const bare = new Response(slow, { headers: { 'content-type': 'text/event-stream' } })
    const response = tapResponse(bare, {
      ...optionsFor(),
      ...options,
      signal: controller.signal,
      onEnd: options.onEnd as never,
    })
    const read = readAll(response)
    controller.abort('enough')
    expect(await read).toMatchObject({ text: '', error: 'enough' })
    gate.resolve()
    expect(await end).toMatchObject({ kind: 'cancelled', reading: { usage: { input: 9, output: 4 }, complete: true } })
  })

  test('of JSON, the same', async () => {
    const { options, end } = ended()
    const { response } = tapped(['{"usage":{"prompt_tokens":9,', '"completion_tokens":4}}'], {
      ...options,
      contentType: 'application/json',
    })
    const reader = readerOf(response)
    await reader.read()
    await reader.cancel()
    const { kind, bytes, reading } = await end
    expect({ kind, bytes: textOf(bytes) }).toEqual({ kind: 'cancelled', bytes: '{"usage":{"prompt_tokens":9,' })
    expect(reading).toMatchObject({ usage: { input: 9, output: 4 }, complete: true })
  })

  test('goes at once, and the rest is not waited for longer than that', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { options, end } = ended()
    const { response, log } = tapped([event('a'), event('b')], { ...options, behind: 'open' })
    await response.body?.cancel()
    await vi.advanceTimersByTimeAsync(999)
    expect(log).not.toContain('stopped')
    await vi.advanceTimersByTimeAsync(1)
    vi.useRealTimers()
    expect(await end).toMatchObject({ kind: 'cancelled', reading: undefined, seenTokens: 2 })
    expect(log.slice(-2)).toEqual(['stopped', 'cancelled'])
  })
})

function optionsFor() {
  return {
    provider: 'openai',
    shape: 'openai-chat',
    hidesUsage: false,
    maxKeptBytes: 1_048_576,
    outputTokens: undefined,
    onStreamAbort: 'estimate',
    signal: undefined,
    stop: () => undefined,
  } as const
}
