import type { TokenUsage } from '../../usage/token-usage.ts'

/** What was reckoned by hand from published rates; the sum stands after the last `= $`. */
export interface Case {
  readonly model: string
  readonly arithmetic: string
  readonly usage: TokenUsage
  readonly provider?: string
  readonly tier?: string
  readonly region?: string
  readonly at?: string
}
