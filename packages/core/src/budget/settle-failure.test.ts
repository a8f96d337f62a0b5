import { describe, expect, test } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { RunHaltedError } from '../errors/run-halted-error.ts'
import { UnknownPriceError } from '../errors/unknown-price-error.ts'
import { usd } from '../usd.ts'
import { billingOf } from './settle-failure.ts'

const withStatus = (status: number) => Object.assign(new Error('refused'), { status })
const SCOPE = { scope: 'run:r', limit: usd(1) }
const SUMS = { spent: usd(1), held: usd(0), requested: usd(1) }
const withCode = (code: string) => Object.assign(new Error('no'), { code })

describe('a request whose sender threw', () => {
  test.each([400, 401, 403, 404, 413, 422, 429, 500, 502, 503, 529])('is not billed at status %i', (status) => {
    expect(billingOf(withStatus(status))).toBe('unbilled')
    expect(billingOf(Object.assign(new Error('refused'), { statusCode: status }))).toBe('unbilled')
    expect(billingOf(Object.assign(new Error('refused'), { response: { status } }))).toBe('unbilled')
  })

  test.each([408, 409, 499, 504, 524])('may be billed at status %i, which somebody gave up waiting with', (status) => {
    expect(billingOf(withStatus(status))).toBe('unknown')
  })

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])('was never sent at %s', (code) => {
    expect(billingOf(new TypeError('fetch failed', { cause: withCode(code) }))).toBe('unsent')
    expect(billingOf(new AggregateError([withCode(code), withCode(code)]))).toBe('unsent')
  })

  test.each([
    ['a reset', withCode('ECONNRESET')],
    ['an abort', new DOMException('aborted', 'AbortError')],
    ['a time-out', withCode('ETIMEDOUT')],
    ['an error without a hint', new Error('no')],
    ['a text', 'no'],
    ['nothing', undefined],
    ['a halt of the run', new RunHaltedError({ runId: 'r', reason: 'x' })],
    ['a status outside of HTTP', Object.assign(new Error('no'), { status: 7 })],
  ])('may be billed after %s', (_, error) => {
    expect(billingOf(error)).toBe('unknown')
  })

  test.each([
    ['a budget', new BudgetExceededError({ ...SCOPE, ...SUMS, model: 'm', waitingHelps: false, resetsAt: null })],
    ['refused arguments', new InvalidArgumentsError({ tool: 't', issues: [] })],
    ['an unknown price', new UnknownPriceError({ provider: 'p', model: 'm', ...SCOPE })],
  ])('may be billed after our own refusal, which is of something inside it: %s', (_, error) => {
    expect(billingOf(error)).toBe('unknown')
    expect(billingOf(new Error('wrapped', { cause: error }))).toBe('unknown')
  })

  test('was not sent if its sender says so', () => {
    expect(billingOf(new NotAppliedError('no key'))).toBe('unsent')
  })

  test('may be billed if any of its attempts may be', () => {
    const free = withStatus(429)
    const lost = withCode('ECONNRESET')
    expect(billingOf(Object.assign(new Error('3 attempts'), { errors: [free, lost], lastError: free }))).toBe('unknown')
    expect(billingOf(Object.assign(new Error('2 attempts'), { errors: [free, free], lastError: free }))).toBe(
      'unbilled',
    )
    expect(billingOf(new AggregateError([withCode('ECONNREFUSED'), free]))).toBe('unbilled')
  })

  test('may be billed if its error goes in circles', () => {
    const error = new Error('round')
    error.cause = error
    expect(billingOf(error)).toBe('unknown')
  })
})
