import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffDelay } from './backoff.ts'

const backoff = { initialMs: 50, maxMs: 1_000, factor: 2, jitter: 0.5 }

test('grows by the factor up to the longest delay', () => {
  const delays = [0, 1, 2, 3, 4, 5, 2_000].map((attempt) => backoffDelay(backoff, attempt, () => 0))
  expect(delays).toEqual([50, 100, 200, 400, 800, 1_000, 1_000])
})

test('is shortened by chance, never by more than the jitter and never lengthened', () => {
  const chance = fc.double({ min: 0, max: 0.999, noNaN: true })
  fc.assert(
    fc.property(fc.nat(50), chance, (attempt, random) => {
      const full = backoffDelay(backoff, attempt, () => 0)
      const delay = backoffDelay(backoff, attempt, () => random)
      expect(delay).toBeLessThanOrEqual(full)
      expect(delay).toBeGreaterThan(full * 0.5)
    }),
  )
})
