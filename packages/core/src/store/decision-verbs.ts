import type { Body, RunRef } from './records.ts'

/** Asks for a human's decision before an effect executes. */
export interface RequestApproval {
  readonly run: RunRef
  readonly effect: number
  readonly argsHash: Buffer
  readonly reason: string | null
  readonly expiresAt: number | null
  readonly at: number
}

/** A human's decision about a requested approval. */
export interface DecideApproval {
  readonly effect: number
  readonly decision: 'approve' | 'deny' | 'cancel'
  readonly by: string | null
  readonly reason: string | null
  readonly args: Body | null
  readonly at: number
}

/** Takes the right to compensate the newest effect of a subtree that is not undone yet. */
export interface ClaimCompensation {
  readonly run: RunRef
  readonly leaseMs: number
  readonly at: number
}

/** Records what a compensation came to. */
export interface CommitCompensation {
  readonly effect: { readonly id: number; readonly epoch: number }
  readonly error: Body | null
  readonly at: number
}
