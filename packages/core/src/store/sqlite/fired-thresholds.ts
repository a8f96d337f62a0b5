import type { ThresholdReached } from '../limit-records.ts'
import type { Amounts } from './period-origins.ts'

/** A part of a limit that was told of. With the limit itself: another limit has thresholds of its own. */
export type Fired = readonly [what: ThresholdReached['what'], limit: number, threshold: number]

/** What a period has of what a limit is about. */
export function spentOf(what: ThresholdReached['what'], period: Amounts): number {
  if (what === 'budget') return period.spent_nano
  return what === 'tokens' ? period.spent_tokens : (period[what] ?? 0)
}

/** By division: 0.07 of 100 is 7, and as a product it is a little more. */
export function isReached([what, limit, threshold]: Fired, period: Amounts): boolean {
  return spentOf(what, period) / limit >= threshold
}

export function firedOf(period: { readonly fired: string }): readonly Fired[] {
  return period.fired === NONE_FIRED ? [] : JSON.parse(period.fired)
}

export const NONE_FIRED = '[]'
