import { expect, test } from 'vitest'
import { HttpFailure, NetworkFailure, recordedFailure } from './failures.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const failureOf = (body: string, headers: Record<string, string> = {}) =>
  new HttpFailure(new Response(null, { status: 503, headers }), bytes(body))

test('a failure is served again with its body, and is retried at once', () => {
  const recorded = recordedFailure(
    failureOf('Later.', { 'retry-after': '60', 'retry-after-ms': '60000', 'x-request-id': 'a' }),
  )
  expect(recorded).toEqual({
    exchange: expect.objectContaining({
      status: 503,
      body: 'Later.',
      headers: [
        ['x-request-id', 'a'],
        ['retry-after-ms', '1'],
      ],
    }),
  })
})

test.each([
  ['long', 'x'.repeat(10_000)],
  ['long in JSON', '\u0001'.repeat(4_000)],
  ['no text', '\u0000\uffff'.repeat(5_000)],
])('of a body that is %s, so much is kept that the store takes it', (_, body) => {
  const failure = failureOf(body)
  expect(JSON.stringify(failure.exchange).length).toBeLessThanOrEqual(4_096)
  expect(failure.exchange.body.length).toBeGreaterThan(100)
  expect(body.startsWith(failure.exchange.body)).toBe(true)
})

test('of an attempt that got no answer, its error is served again', () => {
  const cause = new TypeError('fetch failed')
  expect(recordedFailure(new NetworkFailure(cause))).toEqual({ cause })
  expect(new NetworkFailure('why not').message).toMatch('why not')
})

test('other errors are no record of a failure', () => {
  expect(recordedFailure(new Error('refused'))).toBeUndefined()
  expect(recordedFailure(Object.assign(new Error('x'), { exchange: {} }))).toBeUndefined()
  expect(recordedFailure('refused')).toBeUndefined()
})
