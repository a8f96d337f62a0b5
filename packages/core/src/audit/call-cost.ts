import type { HoldRecord, HoldStatus } from '../store/limit-records.ts'
import { type Usd, usdFromNano } from '../usd.ts'

/** What was put aside for a call, and what it came to. */
export interface CallCost {
  /**
   * `open`: still in flight. `released`: nothing was billed. `charged`: nobody knows what it cost, so that all that was
   * held counts, until its settlement comes.
   */
  readonly status: HoldStatus
  readonly held: Usd
  /** Null while it is open, and where no price is known: that is not nothing. */
  readonly spent: Usd | null
  /** The same to the last decimal, in USD; null where it is a bound. */
  readonly exactUsd: string | null
  /** Input and output; null while it is open. */
  readonly tokens: number | null
  /** Which prices it was settled by. */
  readonly priceVersion: string | null
  /** False: it could have cost more than was held, and was allowed to. */
  readonly bounded: boolean
  /** Nobody said what was used: an upper bound by what was seen. */
  readonly estimated: boolean
}

export function callCost(hold: HoldRecord | null): CallCost | null {
  if (hold === null) return null
  const { status, exactUsd, settledTokens, priceVersion, bounded, estimated } = hold
  return {
    ...{ status, held: usdFromNano(hold.nano), spent: spentOf(hold), exactUsd },
    ...{ tokens: settledTokens, priceVersion, bounded, estimated },
  }
}

function spentOf({ status, settledNano, priceVersion }: HoldRecord): Usd | null {
  const isUnpriced = priceVersion === null && settledNano === 0 && status !== 'released'
  return settledNano === null || isUnpriced ? null : usdFromNano(settledNano)
}
