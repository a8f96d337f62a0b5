import { describe, expect, test } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { RateLimitedError } from '../errors/rate-limited-error.ts'
import { UnboundedCallError } from '../errors/unbounded-call-error.ts'
import { UnknownPriceError } from '../errors/unknown-price-error.ts'
import type { Limited, NotBounded } from '../store/limit-records.ts'
import { usd } from '../usd.ts'
import { limitError } from './limit-error.ts'

const AT = 1_000
const call = { provider: 'openai', model: 'gpt-5' }
const limited: Limited = {
  ...{ kind: 'limited', what: 'budget', scope: 'user:ann', runSeq: null, tool: null, perMs: null },
  ...{ limit: usd(2), spent: usd(1), held: usd('0.50'), requested: usd('0.75'), waitingHelps: true, resetsAt: null },
}
const boundless: NotBounded = {
  ...{ kind: 'not_bounded', why: 'unpriced', scope: 'user:ann', runSeq: null, what: 'budget', limit: usd(2) },
}

describe('a refusal of the store', () => {
  test('for money is a BudgetExceededError with all its facts', () => {
    const error = limitError(limited, call, AT)
    expect(BudgetExceededError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({
      ...{ scope: 'user:ann', limit: usd(2), spent: usd(1), held: usd('0.50'), requested: usd('0.75') },
      ...{ overage: usd('0.25'), model: 'gpt-5', waitingHelps: true, resetsAt: null },
    })
  })

  test('says what it can of amounts that nobody can count exactly', () => {
    const most = Number.MAX_SAFE_INTEGER
    const error = limitError({ ...limited, spent: 2 ** 60, held: most, requested: most }, call, AT)
    expect(error).toMatchObject({ spent: most, held: most, requested: most })
    expect(error.message).toContain('$9007199.254740991 is spent')
  })

  test.each(['tokens', 'calls', 'effects', 'wall'] as const)('for %s is a LimitExceededError', (what) => {
    const error = limitError({ ...limited, what, limit: 5, resetsAt: 9_000 }, { tool: 'pay' }, AT)
    expect(LimitExceededError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ what, limit: 5, tool: 'pay', model: null, ofTool: false, resetsAt: 9_000 })
  })

  test('by a limit on a tool says so', () => {
    const error = limitError({ ...limited, what: 'effects', tool: 'pay', limit: 5 }, { tool: 'pay' }, AT)
    expect(error).toMatchObject({ ofTool: true })
  })

  test('for the pace is a RateLimitedError, which says how long from now', () => {
    const rate = { ...limited, what: 'rate', limit: 60, perMs: 60_000, requested: 1, of: 'calls' } as const
    const error = limitError({ ...rate, resetsAt: 2_500 }, call, AT)
    expect(RateLimitedError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ of: 'calls', limit: 60, perMs: 60_000, retryAfterMs: 1_500, model: 'gpt-5' })
    expect(limitError({ ...rate, resetsAt: null }, call, AT)).toMatchObject({ retryAfterMs: null })
    expect(limitError({ ...rate, resetsAt: 900 }, call, AT)).toMatchObject({ retryAfterMs: 0 })
  })

  test('for want of a price or of a bound is an error of its own', () => {
    const unknown = limitError(boundless, call, AT)
    expect(UnknownPriceError.isInstance(unknown)).toBe(true)
    expect(unknown).toMatchObject({ ...call, scope: 'user:ann', limit: usd(2) })
    const unbounded = limitError({ ...boundless, why: 'unbounded' }, { ...call, unboundedBy: ['web_search'] }, AT)
    expect(UnboundedCallError.isInstance(unbounded)).toBe(true)
    expect(unbounded).toMatchObject({ ...call, unboundedBy: ['web_search'], what: 'budget', limit: usd(2) })
  })
})
