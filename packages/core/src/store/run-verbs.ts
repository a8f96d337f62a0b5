import type { LimitTerms } from './limit-records.ts'
import type { Body, EffectRecord, EntryKind, LeaseView, Refused, RunRecord, RunRef, RunStatus } from './records.ts'

export interface OpenRun {
  readonly id: string
  readonly name: string | null
  readonly thread: string | null
  readonly input: Body | null
  /** Hash of the canonical input; null = the caller states no input, which matches any. */
  readonly inputHash: Buffer | null
  readonly tags: readonly string[]
  /**
   * How the run is to end, as a JSON object; what an earlier opening said stays, name by name, unless this one says
   * something else. @default null
   */
  readonly options?: string | null
  readonly parent: { readonly run: RunRef; readonly lane: string; readonly effect: number | null } | null
  /** Limits on the run itself, in place of those it had; null or absent: they stay. */
  readonly limits?: readonly LimitTerms[] | null
  /** Names of the scopes that it counts on, beside its own, those above it, its thread's and the ledger's; kept with the run. @default [] */
  readonly scopes?: readonly string[]
  /** The same, but of this process only: they are not kept. @default [] */
  readonly sessionScopes?: readonly string[]
  readonly leaseMs: number
  /**
   * Several workers: dedupe and limits only. A shared run has no lease and is joined by whoever opens it; one that waits
   * runs again.
   */
  readonly shared: boolean
  /**
   * Opens the next attempt of a failed, canceled or compensated run: new epoch, halt cleared. After a compensation
   * nothing that was recorded before is served any more: its lanes are empty from then on.
   */
  readonly retry: boolean
  readonly at: number
}

/**
 * The fate of an open. A `running` run of a provably dead or expired owner is taken over (epoch + 1, so
 * that the old owner's verbs are fenced) and answers `opened` with `how: 'resumed'`.
 */
export type RunOpened =
  | {
      readonly kind: 'opened'
      readonly how: 'new' | 'resumed' | 'retried' | 'joined'
      readonly run: RunRecord
      readonly ref: RunRef
    }
  | { readonly kind: 'ended'; readonly run: RunRecord }
  | { readonly kind: 'running'; readonly run: RunRecord; readonly lease: LeaseView }
  | { readonly kind: 'conflict'; readonly run: RunRecord; readonly what: 'input' | 'shared' }
  /** A scope of `scopes` that no limits are set on, not even empty ones: nothing was opened. */
  | { readonly kind: 'unlimited'; readonly scope: string }
  | Refused

export interface CloseRun {
  readonly run: RunRef
  /**
   * `closing`: refuses new work while what is in flight is awaited. `released`: gives the lease back and
   * stays `running`, so that the same id resumes it. `waiting`: the same, for a human's decision. `compensating`: the run
   * has failed, and its subtree is to be undone by the caller, who holds it under a new epoch; if there is nothing that
   * could be undone it is simply `failed`. The others are final; leftover `processing` effects of this run with a dead
   * owner become `unknown`, and the approvals of it and of those below it are canceled, in the same transaction.
   */
  readonly to: 'closing' | 'released' | 'waiting' | 'completed' | 'failed' | 'compensating'
  readonly output: Body | null
  readonly outputKept: boolean
  readonly error: Body | null
  /** For `compensating` and `failed`: the caller's signal was the reason. @default false */
  readonly aborted?: boolean
  readonly at: number
}
/** A halted run may close; only a fenced or already ended one is refused. `ref` has the epoch that counts from now on. */
export type RunClosed = { readonly kind: 'closed'; readonly status: RunStatus; readonly ref: RunRef } | Refused

/** Takes the right to undo what a run and everything below it did. */
export interface OpenCompensation {
  readonly id: string
  /** `dead`: only to go on with one that somebody began and left. `any`: also to begin, or to repeat what failed. */
  readonly which: 'dead' | 'any'
  /**
   * The run that the caller is in: neither it nor those above it are in the way of one below; nor is whoever undoes that
   * one for an earlier execution of the run that it is in, which this one has replaced. @default null
   */
  readonly within?: RunRef | null
  readonly leaseMs: number
  readonly at: number
}
/**
 * The epoch is raised, so that whoever held the run is fenced. `running`: it, or a run above it, is being executed or
 * compensated by a live owner. `nothing`: no effect of it could be undone, and no compensation of it failed, or (`dead`)
 * nobody had begun.
 */
export type CompensationOpened =
  | { readonly kind: 'compensating'; readonly run: RunRecord; readonly ref: RunRef }
  | { readonly kind: 'running'; readonly run: RunRecord; readonly lease: LeaseView }
  | { readonly kind: 'nothing'; readonly run: RunRecord }
  | { readonly kind: 'missing' }

export interface FinishCompensation {
  readonly run: RunRef
  /**
   * `over`: `compensated`, and so are the runs below it; but `compensation_failed` if `listed` or if any effect of the
   * subtree is still to be undone. `released`: stays `compensating` and anybody may go on; not refused when a run above it was taken over.
   */
  readonly to: 'over' | 'released'
  /** Something is left that the rows do not tell of, such as a reconcile hook that cannot say. */
  readonly listed: boolean
  readonly at: number
}
export type CompensationFinished = { readonly kind: 'finished'; readonly run: RunRecord } | Refused

export interface HaltRun {
  readonly run: RunRef
  readonly error: Body
  readonly at: number
}
/** The first halt of an attempt stays. */
export type RunHalted = { readonly kind: 'halted' } | Refused

export interface CancelRun {
  readonly id: string
  readonly error: Body
  readonly at: number
}
export type RunCanceledAnswer =
  | { readonly kind: 'canceled'; readonly run: RunRecord }
  | { readonly kind: 'ended'; readonly run: RunRecord }
  | { readonly kind: 'missing' }

export interface RenewLeases {
  readonly runs: readonly { readonly seq: number; readonly epoch: number }[]
  readonly effects: readonly { readonly id: number; readonly epoch: number }[]
}
/**
 * Renews this process's lease (one row) and tells which of its runs and effects are no longer its own. By epoch: the
 * same process may still hold an old right to a run, and a newer one.
 */
export interface LeasesRenewed {
  readonly lostRuns: readonly { readonly seq: number; readonly epoch: number; readonly status: RunStatus }[]
  readonly haltedRuns: readonly { readonly seq: number; readonly epoch: number; readonly halt: Body }[]
  readonly lostEffects: readonly { readonly id: number; readonly epoch: number }[]
}

export interface SweepRuns {
  /**
   * `urgent`: those that somebody had begun to end: `compensating` without a live owner, ended with something unsettled,
   * shared ones with something left behind. `idle`: those that may go on: dead (`running` or `closing`) and `waiting`.
   */
  readonly what: 'urgent' | 'idle'
  /** Only runs with a higher sequence number. */
  readonly after: number
  readonly limit: number
  readonly at: number
}
/** A run that nobody acts for, as a sweep left it. */
export interface SweptRun {
  readonly run: RunRecord
  /** Effects that this sweep found left behind: they are `unknown` from now on. */
  readonly expired: number
  /** All its effects whose outcome nobody knows. */
  readonly unknown: readonly EffectRecord[]
  /** Approvals of it, and of those below it, that are neither decided nor expired. */
  readonly pending: number
  /** When the last thing was recorded in its stream. */
  readonly lastAt: number
}
/** `next`: the `after` of the next sweep; null when this one has seen all. */
export interface SweptRuns {
  readonly runs: readonly SweptRun[]
  readonly next: number | null
}

export interface AppendEntries {
  /** Null: the ledger's own stream. */
  readonly run: RunRef | null
  readonly entries: readonly {
    readonly kind: EntryKind
    readonly effect: number | null
    readonly body: Body | null
    readonly at: number
  }[]
  /** Marks the run as having had steps that ran while the store was out of reach. */
  readonly unprotected: boolean
}

export interface RunStore {
  openRun(open: OpenRun): Promise<RunOpened>
  closeRun(close: CloseRun): Promise<RunClosed>
  haltRun(halt: HaltRun): Promise<RunHalted>
  /** Also cancels the approvals of the run and of those below it. */
  cancelRun(cancel: CancelRun): Promise<RunCanceledAnswer>
  openCompensation(open: OpenCompensation): Promise<CompensationOpened>
  finishCompensation(finish: FinishCompensation): Promise<CompensationFinished>
  /**
   * What a recovery has to look at, in the order of the runs; expires what dead owners left behind and questions that are
   * over. An ended run is found as long as anything of it is in flight or unknown, and told where something is unknown.
   */
  sweepRuns(sweep: SweepRuns): Promise<SweptRuns>
  /** Refused unless the run may start something. Reads nothing else and writes nothing. */
  checkRun(run: RunRef): Promise<{ readonly kind: 'open' } | Refused>
  renewLeases(renew: RenewLeases): Promise<LeasesRenewed>
  /** Appends also to runs that have ended: it records what already happened. */
  append(entries: AppendEntries): Promise<void>
}
