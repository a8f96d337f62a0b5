import type { LedgerContext } from '../config/ledger-context.ts'
import type { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import type { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { HoldCost, HoldTerms } from '../store/limit-records.ts'
import type { Body, Refused, RunRef } from '../store/records.ts'
import type { AnswerBuffer } from './answer-buffer.ts'
import type { Lane } from './lane.ts'
import type { LiveBody } from './live-body.ts'
import type { LoopWatch } from './loop-watch.ts'
import type { SeenTools } from './seen-tools.ts'

/**
 * `records`: a completed run whose output was not kept is gone through again; nothing outside may be touched.
 * `unprotected`: it began while the store was out of reach, and has no record.
 */
export type RunMode = 'live' | 'records' | 'unprotected'

/** What something cost that the store could not be asked about. */
export interface UnrecordedCost {
  /** A model's name. */
  readonly label: string
  /** What would have been put aside for it. */
  readonly hold: HoldTerms
  readonly cost: HoldCost
  readonly usage: Body | null
  readonly at: number
}

/** What effects and calls need of the run that they belong to. */
export interface RunScope {
  readonly id: string
  readonly ref: RunRef
  /** Counts what `retry` opened, from 1. */
  readonly attempt: number
  readonly thread: string | undefined
  readonly context: LedgerContext
  readonly signal: AbortSignal
  /** For model calls: like `signal`, but a limit on what may be spent does not abort those that are paid for. */
  readonly callSignal: AbortSignal
  readonly mode: RunMode
  /** In an unprotected run: why the store could not be reached. */
  readonly outage: StoreUnavailableError | undefined
  readonly answers: AnswerBuffer
  /** Bodies that run in this process, by key; shared by all runs of a ledger. */
  readonly bodies: Map<string, LiveBody>
  /** The body that this run was opened in, and which is held up as long as the run is. */
  readonly body: LiveBody | null
  /** The tools whose effects may have to be compensated, of the whole tree of runs in this process. */
  readonly tools: SeenTools
  /** Undefined where nobody looks for loops. */
  readonly loops: LoopWatch | undefined
  /** A guess: whether the next effect of this run has happened before. Wrong, it costs time and nothing else. */
  expectsHits: boolean
  /** An earlier execution of this run left records. */
  readonly isResumed: boolean
  /** False once something stops this run. */
  readonly isOpen: boolean
  /** Somebody else has the run. */
  readonly isLost: boolean
  /**
   * Throws what stops this run: its halt, its end, the loss of its lease. What runs inside a body goes on while the run
   * only waits for a human. `final`: what is asked for within `run.final` passes a halt that a limit on what may be spent
   * has caused.
   */
  assertOpen(body?: LiveBody | null, final?: boolean): void
  /**
   * A human has to decide: this run and those above it start nothing more, what is in flight goes on, and then they
   * wait instead of ending.
   */
  park(error: ApprovalRequiredError): void
  /** Makes the run start nothing more; the first reason stays. Resolves when it is on record, or cannot be. */
  halt(reason: Error): Promise<void>
  /** The same for the run that owns a limit: this one, or one above it. A limit of no run halts this one. */
  haltOwner(ownerSeq: number | null, reason: Error): Promise<void>
  /** The error that a refusal of the store means; the run is lost or halted by it. */
  refusal(refused: Refused): Error
  /** Notes that something is in flight: the run's end waits for it, for a `call` at most `leaseMs`. Returns what ends it. */
  track(call?: 'call'): () => void
  /**
   * Whether what is thrown now comes of the run having been aborted, or ended, and not of the work itself: then it is
   * no answer that a later execution may be given.
   */
  gaveUp(): boolean
  /** Something that must be closed before the run ends, if its owner leaves it open. Returns what forgets it. */
  leaveOpen(close: () => Promise<void>): () => void
  /** Renews the lease of an effect together with the run's. Returns what ends that. */
  lease(effect: { readonly id: number; readonly epoch: number; readonly leaseMs: number }, body: LiveBody): () => void
  /** Tells a body that has no lease when the run is aborted. Returns what ends that. */
  watch(body: LiveBody): () => void
  /** Renews now; false when the run is no longer ours, or nobody can say. */
  heartbeat(): Promise<boolean>
  /** A lane that is new; its id is made when something happens in it. */
  newLane(id: () => string): Lane
  /** The lane of a body that ran before: what was recorded in it is served again, but for the failure that ended it. */
  recordedLane(id: string): Promise<Lane>
  /** Runs `work` so that tools and calls in it belong to this lane and body. */
  inLane<T>(lane: Lane, body: LiveBody | null, work: () => T): T
  /** Keeps what happened without the store, to be added when it is back. */
  unprotected(
    what: { readonly kind: 'effect' | 'read' | 'call'; readonly name: string; readonly failed: boolean },
    cause: Error,
  ): void
  /** What a call without a record cost: added, in full, when the store is back. */
  keepSpending(cost: UnrecordedCost): void
  /** An outcome that could not be recorded: tried again until it is. */
  keepOutcome(retry: () => Promise<void>): void
  /** The same for the end of the run, which comes after all else. */
  keepEnd(retry: () => Promise<void>): void
}
