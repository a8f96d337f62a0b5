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
  return { at, debt: countable(debt + n * pace.perMs) }
}

/** With `n` more that were taken at that time and are told of only now: whoever tells so says nothing of the clock. */
export function takenBefore(pace: Pace, arrears: Arrears, n: number, at: number): Arrears {
  return taken(pace, arrears, n, Math.max(at, arrears.at))
}

/** How much was taken at some time, and how much of it was used, which may also be more. */
export interface Correction {
  readonly taken: number
  readonly used: number
  readonly since: number
}

/**
 * What is past of something that was not used gives nothing back: it has made room already. Nor does a correction of long
 * ago: whoever knows it says nothing of the clock.
 */
export function corrected(
  pace: Pace,
  arrears: Arrears,
  { taken: before, used, since }: Correction,
  now: number,
): Arrears {
  const { at, debt } = arrearsAt(pace, arrears, Math.max(now, arrears.at))
  const left = Math.max(0, before * pace.perMs - (at - since) * pace.count)
  return { at, debt: countable(Math.max(0, debt + Math.max((used - before) * pace.perMs, -left))) }
}

/** The same debt at another pace: as many are taken and not past. */
export function rescaled(from: Pace, to: Pace, arrears: Arrears, now: number): Arrears {
  const { at, debt } = arrearsAt(from, arrears, now)
  const { perMs } = from
  const same = (BigInt(debt) * BigInt(to.perMs) + BigInt(perMs - 1)) / BigInt(perMs)
  return { at, debt: countable(Number(same)) }
}

/** How many are taken and not past, at a pace. */
export function owed(pace: Pace, arrears: Arrears, now: number): number {
  return arrearsAt(pace, arrears, now).debt / pace.perMs
}

/** What is beyond what can be counted has to wait for longer than anybody will. */
function countable(debt: number): number {
  return Math.min(debt, Number.MAX_SAFE_INTEGER)
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
