import { calendarPeriod } from '../../util/calendar-period.ts'
import type { LimitWindow } from '../limit-records.ts'

/** Everything ever: the span of a limit without a window. */
export const EVER = ''

const ROLLING = 'rolling '
const BUCKETS = 60

/** How a window stands in `scope_period`: two limits over the same span of time share their counters. */
export function spanOf(window: LimitWindow): string {
  if (window === null) return EVER
  return 'rollingMs' in window ? `${ROLLING}${window.rollingMs}` : `${window.every} ${window.timeZone}`
}

export interface Bounds {
  readonly startsAt: number
  readonly endsAt: number | null
}

const ALWAYS: Bounds = Object.freeze({ startsAt: 0, endsAt: null })

/** From when to when the row of a window counts. That of a rolling one has no bounds: its buckets come and go. */
export function boundsOf(window: LimitWindow, at: number): Bounds {
  if (window === null || 'rollingMs' in window) return ALWAYS
  return calendarPeriod(at, window.every, window.timeZone)
}

/** The buckets of a rolling window: each begins at a multiple of its width. */
export class Rolling {
  readonly ms: number
  readonly width: number

  constructor(ms: number) {
    this.ms = ms
    this.width = Math.ceil(ms / BUCKETS)
  }

  /** Null for the span of any other window. */
  static of(span: string): Rolling | null {
    return span.startsWith(ROLLING) ? new Rolling(Number(span.slice(ROLLING.length))) : null
  }

  /** Where the bucket of a moment begins. */
  bucketAt(at: number): number {
    return Math.floor(at / this.width) * this.width
  }

  /** Buckets that begin before this have none of their time inside any more; one that has some of it counts in full. */
  firstAt(at: number): number {
    return at - this.ms - this.width + 2
  }

  /** When a bucket falls out. */
  endOf(bucket: number): number {
    return bucket + this.width + this.ms - 1
  }
}
