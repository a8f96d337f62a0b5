import { recordedError } from '../codec/recorded-error.ts'
import type { Compensated } from '../compensation/compensate-run.ts'
import { shownLiveError } from '../config/shown-value.ts'
import type { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { reviveError } from '../errors/revive.ts'
import { RunClosedError } from '../errors/run-closed-error.ts'
import { errorBody } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { AnswerBuffer } from '../lane/answer-buffer.ts'
import { bodiesOf } from '../lane/bodies-of.ts'
import { Lane } from '../lane/lane.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope, UnrecordedCost } from '../lane/run-scope.ts'
import type { LeasedRun } from '../lease/lease-keeper.ts'
import type { Answer } from '../store/effect-verbs.ts'
import type { Refused, RunStatus } from '../store/records.ts'
import { inFrame } from './frame.ts'
import { InFlight } from './in-flight.ts'
import { OutageLog } from './outage-log.ts'
import type { Run } from './run.ts'
import { type RunCoreFacts, RunIdentity } from './run-core-facts.ts'
import { RunLeases } from './run-leases.ts'
import { RunSignal } from './run-signal.ts'
import { RunStop, takenAs } from './run-stop.ts'

/** A run as its own parts see it: what stops it, what is in flight, and what must hear of it. */
export class RunCore extends RunIdentity implements RunScope {
  expectsHits: boolean
  /** What undoing it came to, once it has been. */
  undone: Compensated | undefined
  readonly answers: AnswerBuffer
  readonly outages: OutageLog
  readonly bodies: Map<string, LiveBody>
  readonly #signal: RunSignal
  #run: Run | undefined
  readonly #stop: RunStop
  #closed: RunStatus | undefined
  #lost = false
  readonly #inFlight = new InFlight()
  readonly #leases: RunLeases
  #leaveParent: (() => void) | undefined
  #ended = false

  constructor(facts: RunCoreFacts) {
    super(facts)
    const { context, ref } = facts
    this.expectsHits = facts.how !== 'new'
    this.#signal = new RunSignal(facts.parent)
    this.#stop = new RunStop(this.#signal)
    this.answers = new AnswerBuffer(context.store, context.clock, ref, (...refused) => this.#answersRefused(...refused))
    this.outages = new OutageLog(this)
    this.#leases = new RunLeases(context, facts.record.id)
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
    return this.#signal.signal
  }

  get callSignal(): AbortSignal {
    return this.#signal.calls
  }

  get isLost(): boolean {
    return this.#lost || this.parent?.isLost === true
  }

  /** What stops the run, if anything does. */
  get stop(): Error | undefined {
    return this.#stop.error
  }

  /** It waits for a human's decision, or will when what is in flight has ended. */
  get isParked(): boolean {
    return this.#stop.isParked
  }

  get inFlight(): number {
    return this.#inFlight.count
  }

  /** By nothing but its caller's signal, or that of a run above it. */
  get isAborted(): boolean {
    return this.#signal.isAborted && this.stop === undefined
  }

  /** What stops the run, or cut it short: it cannot end well, whatever its agent made of that. */
  get obstacle(): { readonly reason: unknown } | undefined {
    return this.stop === undefined ? this.#signal.cutShort : { reason: this.stop }
  }

  get abortReason(): unknown {
    return this.#signal.reason
  }

  get isOpen(): boolean {
    return (this.stop ?? this.#closed) === undefined && !this.signal.aborted && this.parent?.isOpen !== false
  }

  assertOpen(body: LiveBody | null = null, final = false): void {
    // What is in flight while the run waits for a human must be able to end well; what itself met the question cannot.
    const inFlight = body !== null && body.heldUp === undefined
    const goesOn = this.isParked && inFlight && !this.isAborted && !this.isLost
    const passes = goesOn || (final && !this.isParked && !this.#signal.isOver)
    if (!passes && this.stop !== undefined) throw this.stop
    if (!goesOn && this.#closed !== undefined) throw this.#closedError(this.#closed)
    if (!passes) this.#signal.assertNotAborted()
    // What it was opened in is in flight too.
    this.parent?.assertOpen(body ?? this.body, final)
  }

  park(error: ApprovalRequiredError): void {
    this.parent?.park(error)
    if (this.mode !== 'records') this.#stop.park(error)
  }

  /** The run above waits for a human: so does this one, unless it is in a body that is in flight and may end well. */
  parkedAbove(error: ApprovalRequiredError): void {
    if (this.body === null && this.mode !== 'records') this.#stop.park(error)
    else this.#stop.parkBelow(error)
  }

  async halt(reason: Error): Promise<void> {
    if (this.mode === 'records' || !this.#stop.stopFirst(reason)) return
    const showing = { level: 'full', redact: this.context.redact, about: { kind: 'error', runId: this.id } } as const
    this.context.events.emit('run-halted', { runId: this.id, error: shownLiveError(reason, showing) })
    if (this.isLost || this.mode === 'unprotected') return
    const { store, clock } = this.context
    // On record if it can be: this process is stopped by its own memory of it either way.
    await store.haltRun({ run: this.ref, error: errorBody(reason), at: clock.now() }).catch(() => undefined)
  }

  haltOwner(ownerSeq: number | null, reason: Error): Promise<void> {
    const isAbove = this.ref.seq !== ownerSeq && this.ref.ancestors.some(({ seq }) => seq === ownerSeq)
    return isAbove && this.parent !== undefined ? this.parent.haltOwner(ownerSeq, reason) : this.halt(reason)
  }

  /** Stops without a record of its own: the record, or the caller, already says so. */
  stopBecause(error: Error): void {
    this.#stop.because(error)
  }

  /** Starts to renew the run's lease, and to hear what becomes of the run above. */
  opened(): void {
    this.#leases.begin(this.#leased())
    this.#leaveParent = this.parent?.adopt(this)
  }

  /** A child hears what stops this run until it is over. Returns what ends that. */
  adopt(child: RunCore): () => void {
    this.#stop.adopt(child)
    return () => this.#stop.release(child)
  }

  /** True once this process has nothing more to do with the run. */
  get isEnded(): boolean {
    return this.#ended
  }

  /** Nothing more is started; what could not be recorded yet is tried until it is. */
  ended(): void {
    this.#ended = true
    this.#signal.unfollow()
    this.#leaveParent?.()
    if (!this.outages.isOpen) this.#leases.end()
  }

  /** From here on new work is refused; what is in flight goes on. */
  close(status: RunStatus): void {
    this.#closed = status
  }

  /** The caller's own signal: what runs is told, and nothing new starts. */
  abort(reason: unknown): void {
    this.#stop.abort(reason, this.endings.onAbort === 'compensate')
    this.#leases.abortBodies(reason)
  }

  /** Aborts with the signal that the run was opened with, from now on until it ends. */
  follow(signal: AbortSignal | undefined): void {
    this.#signal.follow(signal, (reason) => this.abort(reason))
  }

  gaveUp(): boolean {
    return this.#signal.gaveUp()
  }

  refusal(refused: Refused): Error {
    if (this.stop !== undefined && refused.runId === this.id) return this.stop
    if (refused.status === 'canceled' || refused.reason === 'fenced')
      return this.#taken(takenAs(refused.status, refused.runId))
    if (refused.reason === 'halted' && refused.halt !== null)
      return this.#stop.because(reviveError(recordedError(refused.halt)))
    return new RunClosedError({ runId: refused.runId, runStatus: refused.status })
  }

  track(call?: 'call'): () => void {
    return this.#inFlight.track(call)
  }

  leaveOpen(close: () => Promise<void>): () => void {
    return this.#inFlight.leaveOpen(close)
  }

  /** Resolves when nothing is in flight; what was left open by hand is closed. */
  async drained(): Promise<void> {
    const abort = this.#closed === 'failed' ? () => this.#signal.abortByEnd(this.#closedError('failed')) : undefined
    await this.#inFlight.drained(this.context.clock, this.context.leaseMs, abort)
    await this.answers.drained()
  }

  lease(effect: { readonly id: number; readonly epoch: number; readonly leaseMs: number }, body: LiveBody): () => void {
    return this.#leases.add(effect, body)
  }

  watch(body: LiveBody): () => void {
    return this.#leases.watch(body)
  }

  async heartbeat(): Promise<boolean> {
    return (await this.#leases.beat()) && !this.isLost
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

  keepSpending(cost: UnrecordedCost): void {
    // A run without a record that is within one that has one leaves it to that.
    if (this.mode === 'unprotected' && this.parent?.mode === 'live') this.parent.keepSpending(cost)
    else this.outages.spend(cost, this.#ended)
  }

  keepEnd(retry: () => Promise<void>): void {
    this.outages.keepEnd(retry)
  }

  #leased(): LeasedRun {
    const { store, leaseMs } = this.context
    return {
      ...{ store, seq: this.ref.seq, epoch: this.ref.epoch, leaseMs },
      onLost: (status) => void this.#taken(takenAs(status, this.id)),
      onHalted: (halt) => void this.#stop.because(reviveError(recordedError(halt))),
      onReached: () => void this.#recordWhatIsLeft(),
    }
  }

  async #recordWhatIsLeft(): Promise<void> {
    await this.outages.retry()
    if (this.#ended && !this.outages.isOpen) this.#leases.end()
  }

  /** Made when somebody is told: a run that ends well tells nobody, and its stack shows who asked. */
  #closedError(status: RunStatus): RunClosedError {
    return new RunClosedError({ runId: this.id, runStatus: status })
  }

  #taken(error: Error): Error {
    this.#lost = true
    const stop = this.#stop.because(error)
    this.abort(stop)
    return stop
  }

  #answersRefused(refused: Refused | Error, rows: readonly Answer[]): void {
    if (!(refused instanceof Error)) return void this.refusal(refused)
    if (this.context.onOutage !== 'allow' || !StoreUnavailableError.isInstance(refused)) return void this.halt(refused)
    this.keepOutcome(async () => void (await this.context.store.recordAnswers(this.ref, rows)))
    for (const { kind, name, failed } of rows) if (kind === 'read') this.unprotected({ kind, name, failed }, refused)
  }
}
