import type { PriceBand, PriceEntry, PriceTime } from './price-entry.ts'

const DAY_MS = 86_400_000
const CLOCK = /^(\d{2}):(\d{2})(?::(\d{2}))?(?:Z|([+-])(\d{2}):(\d{2}))?$/

/** The prices at a time. */
export function bandAt({ bands }: PriceEntry, at: number): PriceBand {
  return bands.findLast(({ when }) => isWithin(when, at)) ?? bands[0]
}

/** All prices that a call can have which starts between the two times, both included. */
export function bandsBetween(entry: PriceEntry, start: number, end: number): readonly PriceBand[] {
  const beginnings = entry.bands.flatMap(({ when }) => when?.from ?? []).filter((from) => from > start && from <= end)
  const edges = entry.bands.flatMap(({ when }) => (when?.daily ? [when.daily.start, when.daily.end] : []))
  const instants = [start, ...beginnings].flatMap((base) => [
    base,
    // Days repeat, so that what happens at an edge is known from its first time after each change of prices.
    ...edges.map((edge) => base + ((edge - timeOfDay(base) + DAY_MS) % DAY_MS)).filter((instant) => instant <= end),
  ])
  return [...new Set(instants.map((instant) => bandAt(entry, instant)))]
}

/** `16:30`, `16:30:00Z` or `16:30:00+02:00` as milliseconds of the day in UTC; undefined for anything else. */
export function parseTimeOfDay(text: string): number | undefined {
  const found = CLOCK.exec(text)
  if (found === null) return undefined
  const [, hours, minutes, seconds = '0', sign, offsetHours = '0', offsetMinutes = '0'] = found.map((part) => part)
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const local = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000
  return timeOfDay(sign === '-' ? local + offset : local - offset)
}

function isWithin(when: PriceTime | undefined, at: number): boolean {
  if (when === undefined) return true
  if (when.from !== undefined && at < when.from) return false
  if (when.daily === undefined) return true
  const { start, end } = when.daily
  const time = timeOfDay(at)
  return end < start ? time >= start || time < end : time >= start && time < end
}

function timeOfDay(at: number): number {
  return ((at % DAY_MS) + DAY_MS) % DAY_MS
}
