export type CalendarUnit = 'day' | 'week' | 'month'

/** From the first millisecond on, up to the last, which is no longer in it. */
export interface CalendarPeriod {
  readonly startsAt: number
  readonly endsAt: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** More than any zone was ever away from UTC. */
const FARTHEST_MS = 16 * HOUR_MS

const formats = new Map<string, Intl.DateTimeFormat>()
const latest = new Map<string, CalendarPeriod>()

/** Whether this runtime knows the zone, as `Europe/Berlin` or `UTC`. */
export function isTimeZone(name: string): boolean {
  try {
    return typeof name === 'string' && formatOf(name) !== undefined
  } catch {
    return false
  }
}

/**
 * The day, the week from Monday, or the month of a time zone that a moment is in. Periods follow one another without a
 * gap: one begins as soon as the zone's clocks show its first date or a later one, whatever they were set to before.
 */
export function calendarPeriod(at: number, every: CalendarUnit, timeZone: string): CalendarPeriod {
  const name = `${every} ${timeZone}`
  const known = latest.get(name)
  if (known !== undefined && known.startsAt <= at && at < known.endsAt) return known
  const period = periodAround(at, every, timeZone)
  latest.set(name, period)
  return period
}

function periodAround(at: number, every: CalendarUnit, timeZone: string): CalendarPeriod {
  let date = firstDate(at + offsetAt(at, timeZone), every)
  let next = nextDate(date, every)
  // Clocks that were set back over midnight show the old date once more, in the new period.
  while (beginOf(next, timeZone) <= at) {
    date = next
    next = nextDate(date, every)
  }
  return { startsAt: beginOf(date, timeZone), endsAt: beginOf(next, timeZone) }
}

// A date is its midnight in UTC, in epoch milliseconds; a zone's time the same, as if its clocks showed UTC.

function firstDate(local: number, every: CalendarUnit): number {
  const time = new Date(local)
  if (every === 'month') return Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), 1)
  const sinceMonday = every === 'week' ? (time.getUTCDay() + 6) % 7 : 0
  return Math.floor(local / DAY_MS) * DAY_MS - sinceMonday * DAY_MS
}

function nextDate(date: number, every: CalendarUnit): number {
  if (every !== 'month') return date + (every === 'week' ? 7 : 1) * DAY_MS
  const time = new Date(date)
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 1)
}

/** The first moment at which the zone's clocks show the date or a later one. */
function beginOf(date: number, timeZone: string): number {
  const before = offsetAt(date - FARTHEST_MS, timeZone)
  const after = offsetAt(date + FARTHEST_MS, timeZone)
  if (before === after) return date - before
  const change = changeFrom(before, date, timeZone)
  // Where midnight does not exist, the date begins with the change itself.
  return date - before < change ? date - before : Math.max(change, date - after)
}

/** The first moment around a date at which the zone is no longer that far from UTC. */
function changeFrom(offset: number, date: number, timeZone: string): number {
  let [old, changed] = [date - FARTHEST_MS, date + FARTHEST_MS]
  while (changed - old > 1) {
    const middle = Math.floor((old + changed) / 2)
    if (offsetAt(middle, timeZone) === offset) old = middle
    else changed = middle
  }
  return changed
}

/** How far the zone's clocks are ahead of UTC. */
function offsetAt(at: number, timeZone: string): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const number = 'numeric'
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    ...{ timeZone, hourCycle: 'h23', year: number, month: number, day: number },
    ...{ hour: number, minute: number, second: number },
  })
  formats.set(timeZone, format)
  return format
}
