import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CalendarUnit, calendarPeriod, isTimeZone } from './calendar-period.ts'

const HOUR_MS = 3_600_000
const UNITS = ['day', 'week', 'month'] as const

const anyZone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'UTC', '+05:30')
const oddZone = fc.constantFrom(
  'America/St_Johns',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'Africa/Cairo',
  'America/Santiago',
)
const zone = fc.oneof(anyZone, oddZone)
const moment = fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2099, 0, 1) })
// Also where clocks change, which a moment at random hardly ever hits.
const nearChange = fc.constantFrom(
  ...[Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1), Date.UTC(2018, 10, 4, 3), Date.UTC(2010, 10, 7, 2, 31)],
  ...[Date.UTC(2011, 11, 30, 10), Date.UTC(1993, 7, 21, 12), Date.UTC(2025, 3, 24, 22), Date.UTC(2026, 8, 6, 4)],
)
const aroundChange = fc
  .tuple(nearChange, fc.integer({ min: -50 * HOUR_MS, max: 50 * HOUR_MS }))
  .map(([at, by]) => at + by)
const at = fc.oneof(moment, aroundChange)

/** The date that the zone's clocks show, such as 2026-03-29. */
function shown(time: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(time)
}

function text(time: number, every: CalendarUnit, timeZone: string): [string, string, hours: number] {
  const { startsAt, endsAt } = calendarPeriod(time, every, timeZone)
  return [new Date(startsAt).toISOString(), new Date(endsAt).toISOString(), (endsAt - startsAt) / HOUR_MS]
}

describe('a period of the calendar', () => {
  test('contains its moment, and the next one begins where it ends', () => {
    fc.assert(
      fc.property(at, fc.constantFrom(...UNITS), zone, (time, every, timeZone) => {
        const { startsAt, endsAt } = calendarPeriod(time, every, timeZone)
        expect(startsAt).toBeLessThanOrEqual(time)
        expect(endsAt).toBeGreaterThan(time)
        expect(calendarPeriod(startsAt, every, timeZone)).toEqual({ startsAt, endsAt })
        expect(calendarPeriod(endsAt - 1, every, timeZone)).toEqual({ startsAt, endsAt })
        expect(calendarPeriod(endsAt, every, timeZone).startsAt).toBe(endsAt)
        expect(calendarPeriod(startsAt - 1, every, timeZone).endsAt).toBe(startsAt)
      }),
      { seed: 4, numRuns: 2_000 },
    )
  })

  test('of a day begins with a new date, and shows no other up to its end', () => {
    const since2012 = fc.integer({ min: Date.UTC(2012, 0, 1), max: Date.UTC(2099, 0, 1) })
    fc.assert(
      fc.property(since2012, zone, fc.double({ min: 0, max: 1, noNaN: true }), (time, timeZone, part) => {
        const { startsAt, endsAt } = calendarPeriod(time, 'day', timeZone)
        const date = shown(time, timeZone)
        const inside = Math.min(endsAt - 1, startsAt + Math.floor(part * (endsAt - startsAt)))
        expect([startsAt, inside, endsAt - 1].map((one) => shown(one, timeZone))).toEqual([date, date, date])
        expect(shown(startsAt - 1, timeZone) < date).toBe(true)
        expect(shown(endsAt, timeZone) > date).toBe(true)
      }),
      { seed: 4, numRuns: 1_000 },
    )
  })

  test('of a week or a month begins and ends with a day, a week on a Monday and a month on the first', () => {
    fc.assert(
      fc.property(moment, fc.constantFrom('week', 'month'), zone, (time, every, timeZone) => {
        const { startsAt, endsAt } = calendarPeriod(time, every, timeZone)
        expect(calendarPeriod(startsAt, 'day', timeZone).startsAt).toBe(startsAt)
        expect(calendarPeriod(endsAt - 1, 'day', timeZone).endsAt).toBe(endsAt)
        const date = new Date(`${shown(startsAt, timeZone)}T00:00:00Z`)
        expect(every === 'week' ? date.getUTCDay() : date.getUTCDate()).toBe(1)
      }),
      { seed: 4, numRuns: 500 },
    )
  })

  test('has 23 or 25 hours where the clocks are changed', () => {
    const [spring, autumn] = [Date.UTC(2026, 2, 29, 12), Date.UTC(2026, 9, 25, 12)]
    expect(text(spring, 'day', 'Europe/Berlin')).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', 23])
    expect(text(autumn, 'day', 'Europe/Berlin')).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 25])
    expect(text(autumn, 'week', 'Europe/Berlin')).toEqual(['2026-10-18T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 169])
    expect(text(autumn, 'month', 'Europe/Berlin')[2]).toBe(31 * 24 + 1)
  })

  test('begins with the change itself where midnight does not exist', () => {
    const time = Date.UTC(2018, 10, 4, 12)
    expect(text(time, 'day', 'America/Sao_Paulo')).toEqual(['2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z', 23])
  })

  test('is not begun again by clocks that are set back over midnight', () => {
    const day = ['2010-11-07T02:30:00.000Z', '2010-11-08T03:30:00.000Z', 25]
    for (const minute of [45, 30, 31, 59, 120]) {
      const time = Date.UTC(2010, 10, 7, 2, minute)
      expect(text(time, 'day', 'America/St_Johns')).toEqual(day)
    }
    expect(shown(Date.UTC(2010, 10, 7, 2, 45), 'America/St_Johns')).toBe('2010-11-06')
  })

  test('leaves out a date that its zone left out', () => {
    const before = calendarPeriod(Date.UTC(2011, 11, 30, 9, 59), 'day', 'Pacific/Apia')
    expect(shown(before.startsAt, 'Pacific/Apia')).toBe('2011-12-29')
    expect(shown(before.endsAt, 'Pacific/Apia')).toBe('2011-12-31')
    expect(before.endsAt - before.startsAt).toBe(24 * HOUR_MS)
  })
})

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Europe/Atlantis', false],
  ['', false],
  [undefined, false],
])('that %j is a time zone is %j', (name, known) => {
  expect(isTimeZone(name as string)).toBe(known)
})
