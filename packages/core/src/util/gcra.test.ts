import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Arrears,
  allowedAt,
  corrected,
  NO_ARREARS,
  owed,
  type Pace,
  rescaled,
  taken,
  takenBefore,
} from './gcra.ts'

const pace: fc.Arbitrary<Pace> = fc.record({
  count: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 150_000_000 })),
  perMs: fc.oneof(
    fc.integer({ min: 1, max: 10 }),
    fc.constantFrom(1_000, 60_000),
    fc.integer({ min: 1, max: 100_000 }),
  ),
  burst: fc.integer({ min: 1, max: 60 }),
})
const asks = fc.array(fc.record({ n: fc.integer({ min: 1, max: 20 }), pauseMs: fc.integer({ min: 0, max: 3_000 }) }), {
  minLength: 1,
  maxLength: 40,
})
const START = 1_700_000_000_000

interface Taken {
  readonly at: number
  readonly n: number
}

/** Asks one after the other; answers what was allowed, and when. */
function play(rate: Pace, asked: readonly { n: number; pauseMs: number }[]): readonly Taken[] {
  let [now, state]: [number, Arrears] = [START, NO_ARREARS]
  return asked.flatMap(({ n, pauseMs }) => {
    now += pauseMs
    if (allowedAt(rate, state, n, now) !== null) return []
    state = taken(rate, state, n, now)
    return [{ at: now, n }]
  })
}

/** Whether each stretch of time has at most a burst and what the time in it gives, computed from all that was taken. */
function keepsTo({ count, perMs, burst }: Pace, all: readonly Taken[]): boolean {
  return all.every(({ at: from }, first) => {
    let sum = 0n
    return all.slice(first).every(({ at, n }) => {
      sum += BigInt(n)
      return sum * BigInt(perMs) <= BigInt(burst) * BigInt(perMs) + BigInt(at - from) * BigInt(count)
    })
  })
}

describe('a pace', () => {
  test('never gives more than a burst and what the time gives, over any stretch of time', () => {
    fc.assert(
      fc.property(pace, asks, (rate, asked) => keepsTo(rate, play(rate, asked))),
      { seed: 4, numRuns: 3_000 },
    )
  })

  test('refuses only what would break that', () => {
    fc.assert(
      fc.property(pace, asks, (rate, asked) => {
        const given = play(rate, asked)
        const last = asked.reduce((sum, { pauseMs }) => sum + pauseMs, START)
        const one = { n: 1, at: last }
        const isGiven = play(rate, [...asked, { n: 1, pauseMs: 0 }]).length > given.length
        expect(isGiven).toBe(keepsTo(rate, [...given, one]))
      }),
      { seed: 4, numRuns: 3_000 },
    )
  })

  test('at rest allows a full burst at once, in one or one by one, and not one more', () => {
    fc.assert(
      fc.property(pace, fc.boolean(), (rate, atOnce) => {
        const parts = atOnce ? [rate.burst] : Array.from({ length: rate.burst }, () => 1)
        const asked = [...parts, 1].map((n) => ({ n, pauseMs: 0 }))
        expect(play(rate, asked)).toHaveLength(parts.length)
      }),
      { seed: 4, numRuns: 500 },
    )
  })

  test('says to the millisecond when it allows more', () => {
    fc.assert(
      fc.property(pace, asks, fc.integer({ min: 1, max: 60 }), (rate, asked, n) => {
        let state = NO_ARREARS
        for (const { n: some } of asked) state = taken(rate, state, some, START)
        const when = allowedAt(rate, state, n, START)
        expect(when === Number.POSITIVE_INFINITY).toBe(n > rate.burst)
        if (when === null || n > rate.burst) return
        expect(Number.isInteger(when)).toBe(true)
        expect(allowedAt(rate, state, n, when)).toBeNull()
        expect(allowedAt(rate, state, n, when - 1)).toBe(when)
      }),
      { seed: 4, numRuns: 3_000 },
    )
  })

  test('takes back what was taken too much, and no more than that', () => {
    fc.assert(
      fc.property(pace, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), (rate, n, used) => {
        fc.pre(n <= rate.burst && used <= n)
        const less = { taken: n, used, since: START }
        const back = corrected(rate, taken(rate, NO_ARREARS, n, START), less, START)
        expect(back).toEqual(taken(rate, NO_ARREARS, used, START))
        expect(corrected(rate, NO_ARREARS, less, START)).toEqual({ at: START, debt: 0 })
        const later = taken(rate, NO_ARREARS, 1, START + n * rate.perMs + 1)
        expect(corrected(rate, later, less, later.at)).toEqual(later)
      }),
      { seed: 4, numRuns: 1_000 },
    )
  })

  test('never lets more be used than that, whatever is given back later', () => {
    const slow = fc.record({
      ...{ count: fc.integer({ min: 1, max: 5 }), perMs: fc.integer({ min: 100, max: 2_000 }) },
      burst: fc.integer({ min: 1, max: 30 }),
    })
    const use = fc.record({ n: fc.nat(20), unused: fc.nat(20), pauseMs: fc.nat(3_000), backAfter: fc.nat(3) })
    fc.assert(
      fc.property(slow, fc.array(use, { maxLength: 30 }), (rate, uses) => {
        let [now, state]: [number, Arrears] = [START, NO_ARREARS]
        const given: (Taken & { readonly unused: number; readonly backIn: number })[] = []
        for (const [turn, { n, unused, pauseMs, backAfter }] of uses.entries()) {
          now += pauseMs
          for (const one of given.filter(({ backIn }) => backIn === turn)) {
            state = corrected(rate, state, { taken: one.n, used: one.n - one.unused, since: one.at }, now)
          }
          if (allowedAt(rate, state, n, now) !== null) continue
          state = taken(rate, state, n, now)
          given.push({ at: now, n, unused: Math.min(n, unused), backIn: turn + 1 + backAfter })
        }
        const used = given.map(({ at, n, unused, backIn }) => ({ at, n: backIn < uses.length ? n - unused : n }))
        return keepsTo(rate, used)
      }),
      { seed: 4, numRuns: 3_000 },
    )
  })

  test('goes on from what was taken in full, also where that was more than it allows', () => {
    const rate = { count: 10, perMs: 1_000, burst: 10 }
    const state = taken(rate, NO_ARREARS, 25, START)
    expect(allowedAt(rate, state, 1, START)).toBe(START + 1_600)
    const more = corrected(rate, taken(rate, NO_ARREARS, 5, START), { taken: 5, used: 25, since: START }, START)
    expect(more).toEqual(state)
  })

  test('does not go faster for those who looked at the clock a while ago', () => {
    const late = fc.integer({ min: 0, max: 60_000 })
    fc.assert(
      fc.property(pace, fc.array(fc.tuple(late, fc.integer({ min: 1, max: 20 })), { maxLength: 30 }), (rate, asked) => {
        let state = NO_ARREARS
        const given = asked.filter(([ms, n]) => {
          if (allowedAt(rate, state, n, START - ms) !== null) return false
          state = taken(rate, state, n, START - ms)
          return true
        })
        // At most the minute of the latest of them has gone by.
        const sum = given.reduce((all, [, n]) => all + BigInt(n), 0n) * BigInt(rate.perMs)
        expect(sum <= BigInt(rate.burst) * BigInt(rate.perMs) + 60_000n * BigInt(rate.count)).toBe(true)
        expect(state.at).toBeLessThanOrEqual(START)
      }),
      { seed: 4, numRuns: 1_000 },
    )
    const rate = { count: 10, perMs: 1_000, burst: 10 }
    const full = taken(rate, NO_ARREARS, 10, START)
    expect(allowedAt(rate, full, 1, START - 60_000)).toBe(START + 100)
    expect(taken(rate, full, 0, START - 60_000)).toEqual(full)
  })

  test('begins anew when the clock was set back', () => {
    const rate = { count: 10, perMs: 1_000, burst: 10 }
    const full = taken(rate, NO_ARREARS, 10, START)
    const before = START - 86_400_000
    expect(allowedAt(rate, full, 10, before)).toBeNull()
    expect(taken(rate, full, 10, before)).toEqual({ ...full, at: before })
  })
  test('forgets nothing because of what is told of late, however long ago that was', () => {
    const n = fc.integer({ min: 1, max: 60 })
    const ago = fc.integer({ min: 0, max: 86_400_000 })
    fc.assert(
      fc.property(pace, n, n, ago, (rate, before, more, ms) => {
        const state = taken(rate, NO_ARREARS, before, START)
        expect(takenBefore(rate, state, more, START - ms)).toEqual(taken(rate, state, more, START))
        const correction = { taken: 0, used: more, since: START - ms }
        expect(corrected(rate, state, correction, START - ms)).toEqual(taken(rate, state, more, START))
      }),
      { seed: 4, numRuns: 1_000 },
    )
  })

  test('owes as many at another pace, and never fewer', () => {
    fc.assert(
      fc.property(pace, pace, fc.integer({ min: 1, max: 60 }), fc.nat(3_000), (from, to, n, ms) => {
        const state = taken(from, NO_ARREARS, n, START)
        const now = START + ms
        const next = rescaled(from, to, state, now)
        expect(owed(to, next, now)).toBeGreaterThanOrEqual(owed(from, state, now) - 1e-9)
        expect(next.debt - owed(from, state, now) * to.perMs).toBeLessThanOrEqual(1 + 1e-6)
        expect([next.at, Number.isSafeInteger(next.debt)]).toEqual([now, true])
      }),
      { seed: 4, numRuns: 1_000 },
    )
    const rate = { count: 10, perMs: 1_000, burst: 10 }
    expect(rescaled(rate, rate, taken(rate, NO_ARREARS, 7, START), START)).toEqual({ at: START, debt: 7_000 })
  })
})
