import { writeSync } from 'node:fs'

/** Where this process ends, or stops, itself: `point:occurrence` or `point:occurrence:SIGSTOP`. */
const [plannedPoint, occurrence = '1', signal = 'SIGKILL'] = (process.env.HOLDFAST_CRASH_AT ?? '').split(':')
let left = Number(occurrence)

/** Counts one more arrival at a point; true if this is the planned one. */
export function isDue(point: string): boolean {
  return point === plannedPoint && --left === 0
}

/** A point of the agent's own: ends or stops the process if it is the planned one. */
export function reach(point: string): void {
  if (!isDue(point)) return
  if (signal === 'SIGSTOP') writeSync(1, `${JSON.stringify({ stopped: point })}\n`)
  process.kill(process.pid, signal as NodeJS.Signals)
}
