import { expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { EffectInProgressError } from './effect-in-progress-error.ts'
import { HoldfastError } from './holdfast-error.ts'
import { RateLimitedError } from './rate-limited-error.ts'
import { reviveError } from './revive.ts'
import { serializeError } from './serialize.ts'
import { toResponse } from './to-response.ts'

const rate = {
  scope: 'user:ann',
  of: 'calls',
  limit: 60,
  perMs: 60_000,
  requested: 1,
  tool: null,
  model: 'gpt-5',
} as const

test('a refused rate is a 429 that says when to come back, in whole seconds and never too early', () => {
  const answer = (retryAfterMs: number | null) => toResponse(new RateLimitedError({ ...rate, retryAfterMs }))
  expect([answer(1).status, answer(1).headers.get('retry-after')]).toEqual([429, '1'])
  expect(answer(1_001).headers.get('retry-after')).toBe('2')
  expect(answer(2_000).headers.get('retry-after')).toBe('2')
  expect(answer(null).headers.has('retry-after')).toBe(false)
})

test('the error is found in what a framework wrapped around it, and shown as it may be shown', async () => {
  const ours = new EffectInProgressError({ tool: 'charge', key: '1.a' })
  const answer = toResponse(new Error('agent failed', { cause: new AggregateError([ours]) }))
  expect(answer.status).toBe(409)
  expect(answer.headers.get('content-type')).toContain('application/json')
  expect(await answer.json()).toEqual({ error: JSON.parse(JSON.stringify(ours)) })
})

test('an error that comes out of the store answers like the one that went in', async () => {
  const revived = reviveError(serializeError(new RateLimitedError({ ...rate, retryAfterMs: 5_000 })))
  const answer = toResponse(revived)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '5'])
})

test.each([new Error('the password is hunter2'), 'hunter2', undefined])(
  'of what is not ours only the status is told (%#)',
  async (error) => {
    const answer = toResponse(error)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('hunter2')
  },
)

test('one of ours without a status is a 500, and a misuse a 400', () => {
  expect(toResponse(new HoldfastError('odd')).status).toBe(500)
  expect(toResponse(new ConfigError('No.')).status).toBe(400)
})
