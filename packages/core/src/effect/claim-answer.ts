import type { Claimed } from '../store/effect-verbs.ts'
import type { Outcome } from './invocation.ts'

/** The right to run the body, or what the effect came to without it. */
export type ClaimAnswer =
  | { readonly kind: 'claimed'; readonly claim: Claimed }
  | {
      readonly kind: 'settled'
      readonly outcome: Outcome
      readonly key: string
      readonly argsDiffer: boolean
      readonly waited: boolean
    }
