import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundsOf, EVER, Rolling, spanOf } from './period-span.ts'

const rollingMs = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1_000, max: 40 * 86_400_000 }))
const time = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 })

describe('a rolling window', () => {
  test('counts an amount for its whole length, and for at most a sixtieth more', () => {
    const property = fc.property(rollingMs, time, (ms, at) => {
      const rolling = new Rolling(ms)
      const bucket = rolling.bucketAt(at)
      const out = rolling.endOf(bucket)
      expect(out - at).toBeGreaterThanOrEqual(ms)
      expect(out - at).toBeLessThanOrEqual(ms + Math.ceil(ms / 60) - 1)
      expect(bucket).toBeGreaterThanOrEqual(rolling.firstAt(out - 1))
      expect(bucket).toBeLessThan(rolling.firstAt(out))
    })
    fc.assert(property, { seed: 20_261_121, numRuns: 2_000 })
  })

  test('has at most sixty-one buckets at a time', () => {
    const property = fc.property(rollingMs, time, (ms, at) => {
      const rolling = new Rolling(ms)
      expect((rolling.bucketAt(at) - rolling.firstAt(at)) / rolling.width).toBeLessThan(61)
    })
    fc.assert(property, { seed: 20_261_121, numRuns: 2_000 })
  })
})

describe('a span', () => {
  test('is shared by limits over the same time', () => {
    expect(spanOf(null)).toBe(EVER)
    expect(spanOf({ every: 'day', timeZone: 'Europe/Berlin' })).toBe('day Europe/Berlin')
    expect(spanOf({ rollingMs: 3_600_000 })).toBe('rolling 3600000')
    expect(Rolling.of('rolling 3600000')).toMatchObject({ ms: 3_600_000, width: 60_000 })
    expect(Rolling.of('day Europe/Berlin')).toBeNull()
  })

  test('has the bounds of its calendar period, or none', () => {
    const noon = Date.UTC(2026, 6, 1, 12)
    expect(boundsOf({ every: 'day', timeZone: 'UTC' }, noon)).toEqual({
      startsAt: Date.UTC(2026, 6, 1),
      endsAt: Date.UTC(2026, 6, 2),
    })
    expect(boundsOf(null, noon)).toEqual({ startsAt: 0, endsAt: null })
    expect(boundsOf({ rollingMs: 1_000 }, noon)).toEqual({ startsAt: 0, endsAt: null })
  })
})
