const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A duration as a person says it: `312 ms`, `1.42 s`, `2 min 5 s`, `3 h 10 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  // Clocks of two hosts differ: a negative duration tells nothing.
  const duration = Math.max(0, Math.round(ms))
  if (duration < SECOND) return `${duration} ms`
  if (duration < MINUTE) return `${(Math.floor(duration / 10) / 100).toFixed(2)} s`
  if (duration < HOUR) return two(duration, MINUTE, 'min', SECOND, 's')
  if (duration < DAY) return two(duration, HOUR, 'h', MINUTE, 'min')
  return two(duration, DAY, 'd', HOUR, 'h')
}

function two(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  return `${Math.floor(ms / big)} ${bigName} ${Math.floor((ms % big) / small)} ${smallName}`
}
