import fc from 'fast-check'
import { textBound } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { PICTURE, STREAMS, type Stream } from './testing/streams.ts'
import { readAll, readSome, split, type TappedOptions, tapped, textOf } from './testing/tapped.ts'

const optionsOf = ({ shape, contentType, hidesUsage }: Stream): TappedOptions => ({ shape, contentType, hidesUsage })
const shownOf = ({ shown, events }: Stream): readonly string[] => shown ?? events
const named = (stream: Stream) => [stream.name, stream] as const

describe.each([...STREAMS, PICTURE].map(named))('%s', (_name, stream) => {
  test('is handed on as it came, and told the same, however its bytes are cut', async () => {
    const shown = shownOf(stream).join('')
    const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(lengths, async (cut) => {
        const { response, ends } = tapped(split(stream.events.join(''), cut), optionsOf(stream))
        const { text, error } = await readAll(response)
        expect({ text, error }).toEqual({ text: shown, error: undefined })
        expect(ends).toHaveLength(1)
        expect(ends[0]).toMatchObject({ kind: 'complete', pendingId: undefined })
        expect(ends[0]?.reading).toMatchObject({ usage: stream.usage, complete: true })
        expect(textOf(ends[0]?.bytes)).toBe(shown)
        expect(ends[0]?.seenTokens).toBe(stream === PICTURE ? undefined : textBound(stream.written))
      }),
    )
  })

  test('what may be acted upon waits until all is settled; what comes before it does not', async () => {
    let before = ''
    let isSettled = false
    const settle = async () => {
      isSettled = true
    }
    const { response } = tapped(stream.events, { ...optionsOf(stream), settle })
    await readAll(response, (text) => {
      if (!isSettled) before += text
    })
    expect(before).toBe(shownOf(stream).slice(0, stream.heldFrom).join(''))
  })

  test.each(stream.events.map((_event, index) => index))('breaks before event %i', async (index) => {
    const broken = new TypeError('terminated')
    const options = { ...optionsOf(stream), behind: broken }
    const { response, ends } = tapped(stream.events.slice(0, index), options)
    const { text, error } = await readAll(response)
    const shown = shownOf(stream).slice(0, index).join('')
    expect(error).toBe(broken)
    expect(text).toBe(shown)
    expect(ends).toMatchObject([{ kind: 'failed', error: broken }])
    expect(textOf(ends[0]?.bytes)).toBe(shown)
    expect(ends[0]?.reading?.complete ?? false).toBe(false)
  })

  test('its reader leaves in the middle', async () => {
    const { response, ends, log } = tapped(stream.events, optionsOf(stream))
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const text = await readSome(reader, stream.heldFrom > 0 ? 1 : 0)
    await reader.cancel('enough')
    expect(log.slice(-2)).toEqual(['cancelled', 'settled'])
    expect(ends).toMatchObject([{ kind: 'cancelled' }])
    expect(textOf(ends[0]?.bytes)).toBe(text)
    expect(ends[0]?.reading?.complete ?? false).toBe(false)
  })
})

test('bytes that break within an event are handed on, and say nothing', async () => {
  const broken = new TypeError('terminated')
  const parts = ['data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\nda', 'ta: [DONE]\n']
  const { response, ends } = tapped(parts, { behind: broken })
  expect(await readAll(response)).toMatchObject({ text: parts.join(''), error: broken })
  expect(ends).toMatchObject([{ kind: 'failed', seenTokens: 2 }])
})

test('what comes behind the end is handed on, and is no part of the answer', async () => {
  const parts = ['data: [DONE]\n\n: bye\n', '\nmore']
  const { response, ends } = tapped(parts)
  expect((await readAll(response)).text).toBe(parts.join(''))
  expect(textOf(ends[0]?.bytes)).toBe('data: [DONE]\n\n')
})

test('the end is settled though its connection stays open', async () => {
  const { response, ends } = tapped(['data: [DONE]\n\n'], { behind: 'open' })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  expect(await readSome(reader, 1)).toBe('data: [DONE]\n\n')
  expect(ends).toMatchObject([{ kind: 'complete' }])
})

test.each([
  ['openai-chat', 'data: {"error":{"message":"overloaded"}}\n\n'],
  ['openai-responses', 'event: error\ndata: {"type":"error","code":"server_error","message":"overloaded"}\n\n'],
  ['anthropic', 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n'],
  ['gemini', 'data: {"error":{"code":503}}\n\n'],
  ['openai-images', 'data: {"type":"error","error":{"message":"overloaded"}}\n\n'],
] as const)('%s: an error that its provider tells is settled before it is handed on', async (shape, event) => {
  const { response, ends, log } = tapped([event], { shape })
  const seen: string[] = []
  const { text, error } = await readAll(response, () => seen.push(...log))
  expect({ text, error }).toEqual({ text: event, error: undefined })
  expect(seen).toContain('settled')
  expect(ends).toEqual([expect.objectContaining({ kind: 'failed', reading: undefined })])
  expect(ends[0]).not.toHaveProperty('error')
})

test('a failed response comes behind its error', async () => {
  const error = 'data: {"type":"error","message":"overloaded"}\n\n'
  const failed = 'data: {"type":"response.failed","response":{"id":"resp_1","status":"failed","usage":null}}\n\n'
  const { response, ends } = tapped([error, failed], { shape: 'openai-responses' })
  expect((await readAll(response)).text).toBe(error + failed)
  expect(ends).toMatchObject([{ kind: 'failed', reading: undefined }])
  expect(textOf(ends[0]?.bytes)).toBe(error + failed)
})

test('a failed response is one that its provider ended', async () => {
  const failed = {
    type: 'response.failed',
    response: { id: 'resp_1', object: 'response', status: 'failed', usage: null },
  }
  const { response, ends } = tapped([`data: ${JSON.stringify(failed)}\n\n`], { shape: 'openai-responses' })
  await readAll(response)
  expect(ends).toMatchObject([{ kind: 'complete', reading: undefined, pendingId: undefined }])
})

test('a response that goes on in the background is known by its id when its reader leaves', async () => {
  const created = (background: boolean) => {
    const event = { type: 'response.created', response: { id: 'resp_1', status: 'queued', background, usage: null } }
    return `data: ${JSON.stringify(event)}\n\n`
  }
  for (const background of [true, false]) {
    const { response, ends } = tapped([created(background)], { shape: 'openai-responses', behind: 'open' })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await reader.cancel()
    expect(ends[0]?.pendingId).toBe(background ? 'resp_1' : undefined)
  }
})
