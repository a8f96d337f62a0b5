import { expect, test } from 'vitest'
import { readErrorBody } from './error-body.ts'

const forever = () => new Promise<void>(() => undefined)
const bytes = (text: string) => new TextEncoder().encode(text)

/** A response whose body is written by hand. */
function opened() {
  let canceled: unknown
  let body: ReadableStreamDefaultController<Uint8Array> | undefined
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      body = controller
    },
    cancel: (reason) => {
      canceled = reason
    },
  })
  const response = new Response(stream, { status: 500 })
  return { response, body: body as ReadableStreamDefaultController<Uint8Array>, canceled: () => canceled }
}

test('reads a short body to its end', async () => {
  const { response, body } = opened()
  body.enqueue(bytes('So '))
  body.enqueue(bytes('sorry.'))
  body.close()
  const { bytes: read, rest } = await readErrorBody(response, forever)
  expect(new TextDecoder().decode(read)).toBe('So sorry.')
  expect(rest).toBeUndefined()
})

test('waits no longer for one that does not end, and hands the rest on when it comes', async () => {
  const { response, body } = opened()
  body.enqueue(bytes('So '))
  const { bytes: read, rest } = await readErrorBody(response, () => Promise.resolve())
  expect(read.length).toBeLessThanOrEqual(3)
  const text = new Response(rest ?? null).text()
  body.enqueue(bytes('sorry.'))
  body.close()
  expect(await text).toBe('So sorry.')
})

test('hands on what one that breaks off had said, and then breaks off', async () => {
  const { response, body } = opened()
  body.enqueue(bytes('So '))
  const reading = readErrorBody(response, forever)
  await new Promise((resolve) => setImmediate(resolve))
  body.error(new TypeError('terminated'))
  const { bytes: read, rest } = await reading
  expect(new TextDecoder().decode(read)).toBe('So ')
  const reader = (rest as ReadableStream<Uint8Array>).getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('So ')
  await expect(reader.read()).rejects.toThrow('terminated')
})

test('passes on that its reader has enough', async () => {
  const { response, canceled } = opened()
  const { rest } = await readErrorBody(response, () => Promise.resolve())
  await rest?.cancel('enough')
  expect(canceled()).toBe('enough')
})

test('there may be no body', async () => {
  expect(await readErrorBody(new Response(null, { status: 500 }))).toEqual({ bytes: new Uint8Array(), rest: undefined })
})
