import type { LedgerContext } from '../config/ledger-context.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { reviveError } from '../errors/revive.ts'
import { RunCanceledError } from '../errors/run-canceled-error.ts'
import { RunClosedError } from '../errors/run-closed-error.ts'
import { serializeError } from '../errors/serialize.ts'
import type { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { AnswerBuffer } from '../lane/answer-buffer.ts'
import { Lane } from '../lane/lane.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunMode, RunScope } from '../lane/run-scope.ts'
import { type LeasedRun, LeaseKeeper } from '../lease/lease-keeper.ts'
import type { Refused, RunRecord, RunRef, RunStatus } from '../store/records.ts'
import { sharedState } from '../util/shared-state.ts'
import { inFrame } from './frame.ts'
import { OutageLog } from './outage-log.ts'
import type { Run } from './run.ts'

export interface RunCoreFacts {
  readonly context: LedgerContext
  readonly record: RunRecord
  readonly ref: RunRef
  readonly mode: RunMode
  readonly outage?: StoreUnavailableError
  readonly how: 'new' | 'resumed' | 'retried' | 'joined'
  readonly root: Lane
  readonly parent: RunCore | undefined
}

/** A run as its own parts see it: what stops it, what is in flight, and what must hear of it. */
export class RunCore implements RunScope {
  readonly id: string
  readonly ref: RunRef
  readonly thread: string | undefined
  readonly context: LedgerContext
  readonly record: RunRecord
  readonly mode: RunMode
  readonly outage: StoreUnavailableError | undefined
  readonly how: RunCoreFacts['how']
  readonly isResumed: boolean
  expectsHits: boolean
  readonly root: Lane
  readonly parent: RunCore | undefined
  readonly answers: AnswerBuffer
  readonly outages: OutageLog
  readonly bodies: Map<string, LiveBody>
  readonly #abort = new AbortController()
  readonly #live = new Set<LiveBody>()
  #run: Run | undefined
  #stop: Error | undefined
  #closed: Error | undefined
  #lost = false
  #inFlight = 0
  #onDrained: (() => void)[] = []
  readonly #open = new Set<() => Promise<void>>()
  #endLease: (() => void) | undefined
  #ended = false

  constructor(facts: RunCoreFacts) {
    const { context, record, ref } = facts
    this.id = record.id
    this.ref = ref
    this.thread = record.thread ?? undefined
    this.context = context
    this.record = record
    this.mode = facts.mode
    this.outage = facts.outage
    this.how = facts.how
    this.expectsHits = facts.how !== 'new'
    this.isResumed = facts.how === 'resumed' || facts.how === 'retried' || facts.mode === 'records'
    this.root = facts.root
    this.parent = facts.parent
    this.answers = new AnswerBuffer(context.store, context.clock, ref, (refused) => this.#answersRefused(refused))
    this.outages = new OutageLog(this)
    this.bodies = facts.mode === 'unprotected' ? new Map() : bodiesOf(context.store.identity)
  }

  get run(): Run {
    if (this.#run === undefined) throw new Error('a run core is bound to its run when it is made')
    return this.#run
  }

  bind(run: Run): void {
    this.#run = run
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get isLost(): boolean {
    return this.#lost || this.parent?.isLost === true
  }

  /** What stops the run, if anything does. */
  get stop(): Error | undefined {
    return this.#stop
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get attempt(): number {
    return this.record.attempt
  }

  get isOpen(): boolean {
    try {
      this.assertOpen()
      return true
    } catch {
      return false
    }
  }

  assertOpen(): void {
    if (this.#stop !== undefined) throw this.#stop
    if (this.#closed !== undefined) throw this.#closed
    if (this.#abort.signal.aborted) throw this.#abort.signal.reason
    this.parent?.assertOpen()
  }

  async halt(reason: Error): Promise<void> {
    if (this.#stop !== undefined || this.mode === 'records') return
    this.#stop = reason
    this.#abort.abort(reason)
    this.context.events.emit('run-halted', { runId: this.id, error: reason })
    if (this.isLost || this.mode === 'unprotected') return
    const { store, clock } = this.context
    // On record if it can be: this process is stopped by its own memory of it either way.
    await store
      .haltRun({ run: this.ref, error: JSON.stringify(serializeError(reason)), at: clock.now() })
      .catch(() => undefined)
  }

  /** Stops without a record of its own: the record, or the caller, already says so. */
  stopBecause(error: Error): void {
    this.#stopWith(error)
  }

  /** Starts to renew the run's lease. */
  opened(): void {
    this.#endLease = this.#keeper().addRun(this.#leased())
  }

  /** True once this process has nothing more to do with the run. */
  get isEnded(): boolean {
    return this.#ended
  }

  /** Nothing more is started; what could not be recorded yet is tried until it is. */
  ended(): void {
    this.#ended = true
    if (!this.outages.isOpen) this.#endLease?.()
  }

  /** From here on new work is refused; what is in flight goes on. */
  close(status: RunStatus): void {
    this.#closed = new RunClosedError({ runId: this.id, runStatus: status })
  }

  /** The caller's own signal: what runs is told, and nothing new starts. */
  abort(reason: unknown): void {
    this.#abort.abort(reason)
    for (const body of this.#live) body.abort(reason)
  }

  refusal(refused: Refused): Error {
    if (this.#stop !== undefined && refused.runId === this.id) return this.#stop
    if (refused.status === 'canceled') return this.#taken(new RunCanceledError({ runId: refused.runId }))
    if (refused.reason === 'fenced') return this.#taken(new LeaseLostError({ runId: refused.runId }))
    if (refused.reason === 'halted' && refused.halt !== null)
      return this.#stopWith(reviveError(JSON.parse(refused.halt)))
    return new RunClosedError({ runId: refused.runId, runStatus: refused.status })
  }

  track(): () => void {
    this.#inFlight++
    let done = false
    return () => {
      if (done) return
      done = true
      this.#inFlight--
      if (this.#inFlight > 0) return
      for (const resolve of this.#onDrained.splice(0)) resolve()
    }
  }

  leaveOpen(close: () => Promise<void>): () => void {
    this.#open.add(close)
    return () => {
      this.#open.delete(close)
    }
  }

  /** Resolves when nothing is in flight; what was left open by hand is closed. */
  async drained(): Promise<void> {
    for (const close of [...this.#open]) await close()
    while (this.#inFlight > 0) await new Promise<void>((resolve) => this.#onDrained.push(resolve))
    await this.answers.drained()
  }

  lease(effect: { readonly id: number; readonly epoch: number; readonly leaseMs: number }, body: LiveBody): () => void {
    this.#live.add(body)
    const lost = () => body.abort(new LeaseLostError({ runId: this.id }))
    const remove = this.#keeper().addEffect({ ...effect, onLost: lost })
    return () => {
      this.#live.delete(body)
      remove()
    }
  }

  async heartbeat(): Promise<boolean> {
    return (await this.#keeper().beat()) && !this.isLost
  }

  newLane(id: () => string): Lane {
    return new Lane(id)
  }

  async recordedLane(id: string): Promise<Lane> {
    await this.answers.drained()
    const reopened = await this.context.store.reopenLane(this.ref, id)
    if (reopened.kind === 'refused') throw this.refusal(reopened)
    return new Lane(id, reopened.history)
  }

  inLane<T>(lane: Lane, body: LiveBody | null, work: () => T): T {
    return inFrame({ run: this.run, lane, body }, work)
  }

  unprotected(...[what, cause]: Parameters<RunScope['unprotected']>): void {
    this.outages.add(what, cause)
  }

  keepOutcome(retry: () => Promise<void>): void {
    this.outages.keep(retry)
  }

  #leased(): LeasedRun {
    return {
      seq: this.ref.seq,
      epoch: this.ref.epoch,
      leaseMs: this.context.leaseMs,
      onLost: (status) => {
        this.#taken(
          status === 'canceled' ? new RunCanceledError({ runId: this.id }) : new LeaseLostError({ runId: this.id }),
        )
      },
      onHalted: (halt) => {
        if (this.#stop === undefined) this.#stopWith(reviveError(JSON.parse(halt)))
      },
      onReached: () => void this.#recordWhatIsLeft(),
    }
  }

  async #recordWhatIsLeft(): Promise<void> {
    await this.outages.retry()
    if (this.#ended && !this.outages.isOpen) this.#endLease?.()
  }

  #keeper(): LeaseKeeper {
    return LeaseKeeper.of(this.context.store, this.context.clock)
  }

  #taken(error: Error): Error {
    this.#lost = true
    this.#stop ??= error
    this.abort(this.#stop)
    return this.#stop
  }

  #stopWith(error: Error): Error {
    this.#stop ??= error
    this.#abort.abort(this.#stop)
    return this.#stop
  }

  #answersRefused(refused: Refused | Error): void {
    if (refused instanceof Error) void this.halt(refused)
    else this.refusal(refused)
  }
}

/** Bodies that run in this process, by effect: for all runs and ledgers of one store. */
function bodiesOf(identity: object): Map<string, LiveBody> {
  const all = sharedState('bodies', () => new WeakMap<object, Map<string, LiveBody>>())
  const bodies = all.get(identity) ?? new Map<string, LiveBody>()
  all.set(identity, bodies)
  return bodies
}
