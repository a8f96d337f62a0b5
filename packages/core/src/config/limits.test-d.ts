import { describe, expectTypeOf, test } from 'vitest'
import { type Usd, usd } from '../usd.ts'
import type { ScopeLimits } from './limit-settings.ts'
import type { Limits, RateLimit } from './limits.ts'

const take = (_: Limits): void => undefined

describe('limits', () => {
  test('take money as money', () => {
    take({ budget: usd(2), finalReserve: usd('0.10') })
    expectTypeOf<Limits['budget']>().toEqualTypeOf<Usd | undefined>()
    // @ts-expect-error: a plain number is no amount of money
    take({ budget: 2 })
    // @ts-expect-error: nor is a text
    take({ budget: '2.00' })
    // @ts-expect-error: nor is a plain number kept back
    take({ budget: usd(2), finalReserve: 1 })
    // @ts-expect-error: what is added up is a number, and has to become an amount again
    take({ budget: usd(1) + usd(1) })
  })

  test('take windows, rates and modes that there are', () => {
    take({ calls: 5, window: { every: 'day', timeZone: 'Europe/Berlin' }, mode: 'soft', thresholds: [0.5] })
    take({
      rate: [
        { calls: 60, perMs: 60_000 },
        { tokens: 100_000, perMs: 60_000, burst: 20_000 },
      ],
    })
    take({ tools: { refund: { effects: 3, rate: { effects: 1, perMs: 1_000 } } }, loop: false })
    // @ts-expect-error: there are no years
    take({ calls: 5, window: { every: 'year' } })
    // @ts-expect-error: a rate has a time
    take({ rate: { calls: 60 } })
    // @ts-expect-error: a tool makes no calls
    take({ tools: { refund: { calls: 3 } } })
    // @ts-expect-error: there is no such mode
    take({ calls: 5, mode: 'warn' })
    // @ts-expect-error: there is no such limit
    take({ requests: 5 })
    expectTypeOf<RateLimit['perMs']>().toEqualTypeOf<number>()
  })

  test('of scopes may be asked for', () => {
    const scopes: ScopeLimits = {
      ledger: { budget: usd(100), window: { every: 'month' } },
      'user:ann': [{ budget: usd(1) }, { calls: 5 }],
      'user:*': async (scope) => ({ budget: usd(scope.length) }),
      'org:*': {},
    }
    expectTypeOf(scopes).toEqualTypeOf<ScopeLimits>()
    // @ts-expect-error: a plain number is no amount of money there either
    const wrong: ScopeLimits = { 'user:*': () => ({ budget: 2 }) }
    expectTypeOf(wrong).toEqualTypeOf<ScopeLimits>()
  })
})
