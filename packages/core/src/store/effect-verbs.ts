import type { ApprovalTerms } from './decision-verbs.ts'
import type { Limited } from './limit-records.ts'
import type { LaneHistory } from './read-verbs.ts'
import type {
  AnswerKind,
  ApprovalRecord,
  Body,
  Certainty,
  EffectRecord,
  LeaseView,
  RecordLevel,
  Refused,
  RunRef,
  UndoKind,
} from './records.ts'

/** Whose keys an effect's key is among: the run's own, or those of a scope (`thread:<id>`, `ledger`). */
export type EffectOwner = { readonly kind: 'run' } | { readonly kind: 'scope'; readonly name: string }

export interface LookEffect {
  readonly run: RunRef
  readonly owner: EffectOwner
  /** The key, then those under which renamed tools stored it (`was`). */
  readonly keys: readonly Buffer[]
}

export interface ClaimEffect extends LookEffect {
  readonly tool: string
  readonly args: Body
  /** Hash of all arguments; null when the key is over all of them. */
  readonly argsHash: Buffer | null
  /** What other arguments under the same key mean. */
  readonly onOtherArgs: 'conflict' | 'mark'
  /** The key is `key`, `keys` or `resource`: it does not depend on how a model worded the arguments. */
  readonly callerKeyed: boolean
  readonly lane: string
  /** Calls of the lane that were recorded or served when this effect was claimed. */
  readonly callsSeen: number
  readonly parentEffect: number | null
  /** `Infinity`: never taken over. */
  readonly leaseMs: number
  /** Attempts that the tool's `retry` allows per generation: an assumed failure below it runs again. */
  readonly attempts: number
  /** The caller will wait if it is busy: records the wait, so that a cycle over processes is found. */
  readonly willWait: boolean
  /** @default 'none' */
  readonly undo?: UndoKind
  /** @default null */
  readonly group?: number | null
  /** @default 'full' */
  readonly recordLevel?: RecordLevel
  /** SHA-256 of `args`, where the record level is `hash`. */
  readonly argsDigest?: Buffer | null
  /** The caller runs the body itself, so that the claim may still be turned into a request for an approval. @default false */
  readonly byHand?: boolean
  /** A human must approve before this may execute; null or absent: nobody needs to. */
  readonly approval?: ApprovalTerms | null
  /**
   * An earlier generation that this very perform executed with an approval, and which is known to have had no effect:
   * the approval of the same arguments carries over.
   */
  readonly approvedAs?: number | null
  readonly at: number
}

export interface Claimed {
  readonly kind: 'claimed'
  readonly id: number
  readonly ownerSeq: number
  readonly key: Buffer
  readonly epoch: number
  readonly generation: number
  readonly attempt: number
  /** The row itself will be the answer to the first perform of its key; else the caller records one. */
  readonly plain: boolean
  readonly firstAt: number
  /** What to execute instead of the caller's arguments: those that an approval edited. Null: the caller's own. */
  readonly args: Body | null
}

/**
 * The newest generation decides: succeeded → settled; processing by a live owner → busy; processing by a
 * dead or expired one → becomes `unknown` here (epoch + 1) and answers unknown; unknown → unknown; failed
 * not_applied, canceled → the next generation is claimed; failed assumed → claimed again in the same one
 * while `attempts` allows, else settled (with the failure); compensated → next generation (the attempt of the run that
 * executed it may claim nothing any more); compensating, compensation_failed → settled.
 *
 * With `approval` terms nothing is claimed before a human approved: what would be claimed becomes `requires_approval`
 * (a new row, or the one whose status it had, which a denial, cancellation or expiry gives back to it) and answers
 * `awaiting_approval`; ready → claimed; denied → denied; an approval that expired → the next generation is asked for.
 * A yes is one to a generation within the attempt of the run that asked: a claim or takeover with terms in a later attempt
 * of that run asks anew. Arguments that a human edited and that were executed stay those of the generation.
 * A new generation, and nothing else, counts as an effect on the scopes of its run: where a limit does not allow it, the
 * claim is `limited` and nothing was written.
 *
 * Other arguments than those an open or granted approval is about are a conflict, whatever the key is made of; so are,
 * with terms, others than those of a generation that is unknown or failed in doubt, because that row is what a human
 * would be shown. A row that is `requires_approval`, `ready` or `denied` answers so also to a claim without terms, and a
 * generation that a human refused to run again is `denied` to it too.
 */
export type EffectClaimed =
  | Claimed
  | {
      readonly kind: 'settled'
      readonly effect: EffectRecord
      readonly argsDiffer: boolean
      /** It was claimed last in an attempt of this run that has been compensated since. */
      readonly former?: boolean
    }
  | { readonly kind: 'busy'; readonly effect: EffectRecord; readonly lease: LeaseView; readonly cycle: boolean }
  | { readonly kind: 'unknown'; readonly effect: EffectRecord }
  | { readonly kind: 'conflict'; readonly effect: EffectRecord }
  | AwaitsDecision
  | Limited
  | Refused

/** `awaiting_approval`: a human has to decide first. `denied`: one did, and the answer is no until one says otherwise. */
export interface AwaitsDecision {
  readonly kind: 'awaiting_approval' | 'denied'
  readonly approval: ApprovalRecord
}

/** What one `perform` gave back, where the effect's own row does not say it. */
export interface Answer {
  readonly lane: string
  readonly key: Buffer
  readonly kind: AnswerKind
  readonly name: string
  readonly effect: number | null
  readonly generation: number
  readonly failed: boolean
  readonly body: Body | null
  /** Answers that its lane was given while this one was in flight. @default 0 */
  readonly beside?: number
  /** @default 'full' */
  readonly recordLevel?: RecordLevel
}

export type EffectOutcome =
  | {
      readonly kind: 'succeeded'
      readonly result: Body | null
      readonly kept: boolean
      /** What the tool keeps for its compensation. */
      readonly token?: Body | null
      /** SHA-256 of `result`, where the record level is `hash`. */
      readonly digest?: Buffer | null
    }
  | { readonly kind: 'failed'; readonly error: Body; readonly certainty: Certainty }
  | { readonly kind: 'unknown'; readonly error: Body }
  /** An attempt failed and another follows in the same generation: the row stays `processing`, attempt + 1. */
  | { readonly kind: 'retry'; readonly error: Body; readonly certainty: Certainty }

export interface CommitEffect {
  readonly run: RunRef
  readonly id: number
  readonly epoch: number
  readonly outcome: EffectOutcome
  /** Runs inside this commit's transaction, which is then alone in its batch. A throw rolls both back. */
  readonly userCommit: ((transaction: unknown) => unknown) | null
  readonly at: number
}
/**
 * `committed` needs the effect's epoch only. When the run itself was taken over meanwhile the outcome is
 * still what happened: it is recorded and answers `evidence`, and the caller must stop. An outcome that lost
 * only to an expiry nobody has resolved settles the effect as evidence too; after any other takeover it is kept
 * as a `late-outcome` entry and answers `lost`.
 */
export type EffectCommitted =
  | { readonly kind: 'committed'; readonly commitSeq: number | null; readonly attempt: number }
  | { readonly kind: 'evidence'; readonly effect: EffectRecord }
  | { readonly kind: 'lost'; readonly effect: EffectRecord }

export type Resolution =
  /** Runs it again: the caller becomes the owner, attempt + 1. */
  | {
      readonly kind: 'takeover'
      readonly run: RunRef
      readonly leaseMs: number
      /** As for a claim: without an approval of this generation, in this attempt of the run, it is asked for instead. */
      readonly approval?: ApprovalTerms | null
    }
  | {
      readonly kind: 'applied'
      readonly result: Body | null
      readonly kept: boolean
      readonly token?: Body | null
      readonly digest?: Buffer | null
    }
  | { readonly kind: 'not_applied' }
  /** A human undid outside what its compensation could not: for one that is `compensation_failed`. */
  | { readonly kind: 'compensated' }
  /** Nobody knows yet: an entry only. */
  | { readonly kind: 'unknown' }

export interface ResolveEffect {
  readonly id: number
  readonly epoch: number
  readonly resolution: Resolution
  readonly by: 'policy' | 'reconcile' | 'human'
  /** For `applied`: the tool's own rows, in the same transaction, which is then alone in its batch. */
  readonly userCommit?: CommitEffect['userCommit']
  /** Who and why, when a human decided. */
  readonly note: Body | null
  readonly at: number
}
/**
 * Only an `unknown` effect, one that a dead or expired owner left behind (it becomes unknown here), or one whose failure
 * is merely assumed to have had no effect, can be resolved, by one caller: the others get `lost` with what it has become.
 * One of these of which a human is asked whether it may run again can be resolved as `applied` or `not_applied` by a
 * hook or a human, which cancels the question. A takeover on behalf of other arguments than the row's is `lost`.
 */
export type EffectResolved =
  | Claimed
  | { readonly kind: 'resolved'; readonly effect: EffectRecord }
  | { readonly kind: 'lost'; readonly effect: EffectRecord }
  | AwaitsDecision
  | Refused

export type LaneReopened = { readonly kind: 'reopened'; readonly history: LaneHistory } | Refused

export interface EffectStore {
  /** The newest generation of a key, or null; refused as a claim would be. Writes nothing. */
  lookEffect(
    look: LookEffect,
  ): Promise<
    { readonly kind: 'found'; readonly effect: EffectRecord | null; readonly argsHash: Buffer | null } | Refused
  >
  claimEffect(claim: ClaimEffect): Promise<EffectClaimed>
  commitEffect(commit: CommitEffect): Promise<EffectCommitted>
  resolveEffect(resolve: ResolveEffect): Promise<EffectResolved>
  /** Clears what `willWait` recorded. */
  endWait(effect: number): Promise<void>
  /**
   * What a lane recorded, for an attempt that is to end otherwise: without the failures that nothing was started
   * after (see trailing-failures.ts). They are dropped for good.
   */
  reopenLane(run: RunRef, lane: string): Promise<LaneReopened>
  /** Written with the next batch: a prefix of the log is all that a crash can leave. */
  recordAnswers(run: RunRef, answers: readonly Answer[]): Promise<{ readonly kind: 'recorded' } | Refused>
}
