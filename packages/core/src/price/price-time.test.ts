import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PriceBand, PriceEntry, PriceTime } from './price-entry.ts'
import { bandAt, bandsBetween, parseTimeOfDay } from './price-time.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1_440 * MINUTE_MS
const steps: PriceBand['steps'] = [{ above: -1, rates: { input: 1n } }]

function entryOf(times: readonly (PriceTime | undefined)[]): PriceEntry {
  const [first = { steps }, ...rest] = times.map(
    (when): PriceBand => (when === undefined ? { steps } : { when, steps }),
  )
  return { provider: 'p', model: 'm', aliases: [], source: 'given', bands: [first, ...rest], deprecated: false }
}

const minute = fc.integer({ min: 0, max: 1_439 }).map((minutes) => minutes * MINUTE_MS)
const daily = fc.record({ start: minute, end: minute }).filter(({ start, end }) => start !== end)
const day = fc.integer({ min: 0, max: 20 }).map((days) => days * DAY_MS)
const when: fc.Arbitrary<PriceTime> = fc.oneof(
  fc.record({ from: day }),
  fc.record({ daily }),
  fc.record({ from: day, daily }),
)

test('all prices of a span are found, and no others', () => {
  fc.assert(
    fc.property(fc.array(when, { maxLength: 4 }), fc.nat(20 * 1_440), fc.nat(3 * 1_440), (times, start, span) => {
      const entry = entryOf([undefined, ...times])
      const from = start * MINUTE_MS
      // Everything above happens at whole minutes, so that these are all there is.
      const every = Array.from({ length: span + 1 }, (_, minutes) => bandAt(entry, from + minutes * MINUTE_MS))
      expect(new Set(bandsBetween(entry, from, from + span * MINUTE_MS))).toEqual(new Set(every))
    }),
    { seed: 20_261_121, numRuns: 300 },
  )
})

describe('hours of the day', () => {
  const at = (entry: PriceEntry, time: string) => entry.bands.indexOf(bandAt(entry, Date.parse(`2026-11-21T${time}Z`)))
  const hour = 60 * MINUTE_MS

  test('begin with their first millisecond and end before their last', () => {
    const entry = entryOf([undefined, { daily: { start: hour, end: 4 * hour } }])
    expect([
      at(entry, '00:59:59.999'),
      at(entry, '01:00:00'),
      at(entry, '03:59:59.999'),
      at(entry, '04:00:00'),
    ]).toEqual([0, 1, 1, 0])
  })

  test('may go over midnight', () => {
    const entry = entryOf([undefined, { daily: { start: 22 * hour, end: 6 * hour } }])
    expect([at(entry, '21:59:59'), at(entry, '22:00:00'), at(entry, '00:00:00'), at(entry, '06:00:00')]).toEqual([
      0, 1, 1, 0,
    ])
  })

  test('are found before 1970 as well', () => {
    const entry = entryOf([undefined, { daily: { start: hour, end: 4 * hour } }])
    expect(entry.bands.indexOf(bandAt(entry, -DAY_MS + 2 * hour))).toBe(1)
  })

  test('the first price is for all times before any', () => {
    const entry = entryOf([{ from: 5 * DAY_MS }, { from: 9 * DAY_MS }])
    expect(entry.bands.indexOf(bandAt(entry, 0))).toBe(0)
  })
})

test.each([
  ['16:30', 59_400_000],
  ['00:30:00Z', 1_800_000],
  ['01:00:00+02:00', 82_800_000],
  ['23:00:00-02:00', 3_600_000],
])('%s is %i milliseconds into the day', (text, expected) => {
  expect(parseTimeOfDay(text)).toBe(expected)
})

test.each(['24:00', '12:60', '12:00:60', '1:00', 'noon', '', '12:00Zulu'])('%s is no time of day', (text) => {
  expect(parseTimeOfDay(text)).toBeUndefined()
})
