import type {
  ApprovalRecord,
  ApprovalSource,
  ApprovalStatus,
  Body,
  EffectRecord,
  LeaseView,
  Refused,
  RunRef,
} from './records.ts'

/** What a human is asked to approve, and until when. */
export interface ApprovalTerms {
  /** Of all arguments, whatever the key is made of. */
  readonly argsHash: Buffer
  readonly reason: string | null
  readonly from: ApprovalSource
  readonly expiresAt: number | null
}

/** Turns a claim by hand, whose body has not begun, into a request; or asks again after a denial or cancellation. */
export interface RequestApproval extends ApprovalTerms {
  readonly effect: number
  readonly at: number
}
/** `lost`: it is something else by now, or its body may have begun. */
export type ApprovalRequested =
  | { readonly kind: 'requested'; readonly approval: ApprovalRecord }
  | { readonly kind: 'lost'; readonly effect: EffectRecord }

/** A human's decision. */
export interface DecideApproval {
  readonly effect: number
  readonly decision: 'approve' | 'deny' | 'cancel'
  readonly by: string | null
  readonly reason: string | null
  /** For `approve`: what is to be executed instead; the requested ones are kept beside it. */
  readonly args: Body | null
  /** SHA-256 of `args`, where the record level is `hash`. */
  readonly argsDigest?: Buffer | null
  /** Also changes a decision that was made, as long as nothing executes: an approved one to denied, a denied one to approved. */
  readonly overrule: boolean
  readonly at: number
}
/**
 * One decision wins: `lost` says what it has become instead, which is `expired` if it came too late. `cancel` also
 * takes back an approval that nothing has claimed yet. Nothing else than `requires_approval`, `ready` and `denied` rows
 * change, and, where a no is overruled, one that went back to its doubt with the no. Without a yes the arguments are those
 * that were requested.
 */
export type ApprovalDecided =
  | { readonly kind: 'decided'; readonly approval: ApprovalRecord }
  | { readonly kind: 'lost'; readonly approval: ApprovalRecord }
  | { readonly kind: 'missing' }

export interface ApprovalQuery {
  readonly effect?: number
  readonly runSeq?: number
  readonly status?: readonly ApprovalStatus[]
  readonly tool?: string
  readonly thread?: string
  /** Leaves out pending ones that are over by then. */
  readonly notExpiredAt?: number
  /** Only those with a higher effect id: the page after this one. */
  readonly after?: number
  /** @default 100 */
  readonly limit?: number
}

/** Takes the right to run the compensation of one effect: succeeded, failed to be compensated, or left while it was. */
export interface ClaimCompensation {
  /** The run that is being compensated: the effect's own, or one above it. */
  readonly run: RunRef
  readonly effect: { readonly id: number; readonly epoch: number }
  readonly leaseMs: number
  readonly at: number
}
/** `attempt` counts its executions over all processes, from 1. `busy`: a live owner is at it. `lost`: it has changed. */
export type CompensationClaimed =
  | { readonly kind: 'claimed'; readonly id: number; readonly epoch: number; readonly attempt: number }
  | { readonly kind: 'busy'; readonly lease: LeaseView }
  | { readonly kind: 'lost'; readonly effect: EffectRecord }
  | Refused

export type CompensationOutcome =
  /** With `undo: 'inner'` everything that happened inside its body is compensated in the same transaction. */
  | { readonly kind: 'compensated' }
  | { readonly kind: 'failed'; readonly error: Body }
  /** Another attempt follows under the same claim. */
  | { readonly kind: 'retry'; readonly error: Body }

/** Records what a compensation came to. The effect's epoch decides, so that it is also accepted from a fenced run. */
export interface CommitCompensation {
  readonly id: number
  readonly epoch: number
  readonly outcome: CompensationOutcome
  readonly at: number
}
/** `attempt`: that of the execution that follows a `retry`. `lost`: somebody took the compensation over. */
export type CompensationCommitted =
  | { readonly kind: 'committed'; readonly attempt: number }
  | { readonly kind: 'lost'; readonly effect: EffectRecord }

/** An effect of a subtree of runs that is, or may be, to be undone. */
export interface UndoStep {
  readonly effect: EffectRecord
  /** Of whoever is at it: of one that is `processing` or `compensating`. */
  readonly lease: LeaseView | null
  /** Its owner is dead, and its lease never runs out: only a human may say what became of it. */
  readonly isLeftForever: boolean
  /** The effect whose compensation undoes this one too, and has not succeeded yet: this one is not undone by itself. */
  readonly coveredBy: number | null
}

export interface DecisionStore {
  requestApproval(request: RequestApproval): Promise<ApprovalRequested>
  decideApproval(decide: DecideApproval): Promise<ApprovalDecided>
  /** By effect id. */
  listApprovals(query: ApprovalQuery): Promise<readonly ApprovalRecord[]>
  /**
   * What is left to undo in a run and everything below it: what is in flight (whatever can be undone of it) and what
   * nobody knows first, then what succeeded, what is being compensated and what could not be, the last commit first.
   * Failures that are assumed to have had no effect are among them if their tool compensates.
   */
  readUndo(runSeq: number): Promise<readonly UndoStep[]>
  claimCompensation(claim: ClaimCompensation): Promise<CompensationClaimed>
  commitCompensation(commit: CommitCompensation): Promise<CompensationCommitted>
}
