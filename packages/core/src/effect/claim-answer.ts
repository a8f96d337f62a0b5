import type { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import type { Claimed } from '../store/effect-verbs.ts'
import type { ApprovalRecord } from '../store/records.ts'
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
  /** A human has to decide first, and the caller does not wait for that in place. */
  | { readonly kind: 'awaiting_approval'; readonly error: ApprovalRequiredError }

/** A question that is open, before anybody has looked whether an answer is at hand. */
export interface OpenQuestion {
  readonly kind: 'asked'
  readonly approval: ApprovalRecord
}
