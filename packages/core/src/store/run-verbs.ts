import type { Body, EntryKind, LeaseView, Refused, RunRecord, RunRef, RunStatus } from './records.ts'

export interface OpenRun {
  readonly id: string
  readonly name: string | null
  readonly thread: string | null
  readonly input: Body | null
  /** Hash of the canonical input; null = the caller states no input, which matches any. */
  readonly inputHash: Buffer | null
  readonly tags: readonly string[]
  readonly parent: { readonly run: RunRef; readonly lane: string; readonly effect: number | null } | null
  readonly leaseMs: number
  /** Several workers: dedupe and limits only. A shared run has no lease and is joined by whoever opens it. */
  readonly shared: boolean
  /** Opens the next attempt of a failed or canceled run: new epoch, halt cleared. */
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
  | Refused

export interface CloseRun {
  readonly run: RunRef
  /**
   * `closing`: refuses new work while what is in flight is awaited. `released`: gives the lease back and
   * stays `running`, so that the same id resumes it. The others are final; leftover `processing` effects
   * of this run with a dead owner become `unknown` in the same transaction.
   */
  readonly to: 'closing' | 'released' | 'completed' | 'failed'
  readonly output: Body | null
  readonly outputKept: boolean
  readonly error: Body | null
  readonly at: number
}
/** A halted run may close; only a fenced or already ended one is refused. */
export type RunClosed = { readonly kind: 'closed'; readonly status: RunStatus } | Refused

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
  cancelRun(cancel: CancelRun): Promise<RunCanceledAnswer>
  /** Refused unless the run may start something. Reads nothing else and writes nothing. */
  checkRun(run: RunRef): Promise<{ readonly kind: 'open' } | Refused>
  renewLeases(renew: RenewLeases): Promise<LeasesRenewed>
  /** Appends also to runs that have ended: it records what already happened. */
  append(entries: AppendEntries): Promise<void>
}
