import type { Random } from './random.ts'

/** How the delays between attempts grow. */
export interface Backoff {
  /** Delay after the first attempt. */
  initialMs: number
  /** No delay is longer. */
  maxMs: number
  /** What each delay is multiplied by to get the next one. */
  factor: number
  /** The share of a delay that chance may take away, 0 to 1. */
  jitter: number
}

/**
 * The delay after `attempt` (counted from 0).
 *
 * Jitter only shortens: spread around the delay it would be cut off at `maxMs`, where waiters then march in step.
 */
export function backoffDelay(backoff: Backoff, attempt: number, random: Random): number {
  const grown = Math.min(backoff.maxMs, backoff.initialMs * backoff.factor ** attempt)
  return grown * (1 - backoff.jitter * random())
}
