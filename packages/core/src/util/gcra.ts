/** At most `burst` at once, and then one each `perMs / count`. */
export interface Pace {
  readonly count: number
  readonly perMs: number
  readonly burst: number
}

/**
 * How far somebody is ahead of a pace: by `debt / count` milliseconds at the time `at`. One more costs `perMs`. All of
 * it is whole numbers, so that nothing is ever rounded.
 */
export interface Arrears {
  readonly at: number
  readonly debt: number
}

/** Nothing was taken, or what was taken is long past. */
export const NO_ARREARS: Arrears = Object.freeze({ at: 0, debt: 0 })

/** Who asks has looked at the clock a while ago: it may have waited for a lock since. */
const LATE_MS = 60_000

/** Null if `n` more are allowed now; else when they are, in whole epoch milliseconds; `Infinity`: never. */
export function allowedAt(pace: Pace, arrears: Arrears, n: number, now: number): number | null {
  const { count, perMs, burst } = pace
  if (n > burst) return Number.POSITIVE_INFINITY
  const { at, debt } = arrearsAt(pace, arrears, now)
  const over = debt + n * perMs - burst * perMs
  return over <= 0 ? null : at + Math.ceil(over / count)
}

/** With `n` more, allowed or not. */
export function taken(pace: Pace, arrears: Arrears, n: number, now: number): Arrears {
  const { at, debt } = arrearsAt(pace, arrears, now)
  return { at, debt: debt + n * pace.perMs }
}

/** How much was taken at some time, and how much of it was used, which may also be more. */
export interface Correction {
  readonly taken: number
  readonly used: number
  readonly since: number
}

/** What is past of something that was not used gives nothing back: it has made room already. */
export function corrected(
  pace: Pace,
  arrears: Arrears,
  { taken: before, used, since }: Correction,
  now: number,
): Arrears {
  const { at, debt } = arrearsAt(pace, arrears, now)
  const left = Math.max(0, before * pace.perMs - (at - since) * pace.count)
  return { at, debt: Math.max(0, debt + Math.max((used - before) * pace.perMs, -left)) }
}

/** The generic cell rate algorithm: a debt goes down by itself, and not below nothing. */
export function arrearsAt(pace: Pace, arrears: Arrears, now: number): Arrears {
  if (wasSetBack(pace, arrears, now)) return { at: now, debt: 0 }
  const at = Math.max(arrears.at, now)
  return { at, debt: Math.max(0, arrears.debt - (at - arrears.at) * pace.count) }
}

/** What was taken when the clock showed a later time is past by now, or nobody knows when it will be. */
function wasSetBack({ count, perMs, burst }: Pace, { at }: Arrears, now: number): boolean {
  return at - now > LATE_MS + (burst * perMs) / count
}
