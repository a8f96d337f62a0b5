import type { Codec } from '../../codec/codec.ts'
import type { CallReserved, CorrectCall, ReserveCall, SettleCall } from '../call-verbs.ts'
import type {
  ApprovalQuery,
  ClaimCompensation,
  CommitCompensation,
  DecideApproval,
  RequestApproval,
  UndoStep,
} from '../decision-verbs.ts'
import type { Answer, ClaimEffect, CommitEffect, LookEffect, ResolveEffect } from '../effect-verbs.ts'
import type { HoldSettled, ScopeUsage } from '../limit-records.ts'
import type { HoldOpened, OpenHold, SetLimits, SettleHold, StartRead } from '../money-verbs.ts'
import type { CallQuery, EffectQuery, LaneHistory, Problem, RunQuery, TailCursor } from '../read-verbs.ts'
import type {
  AnswerRecord,
  ApprovalRecord,
  Body,
  CallRecord,
  EffectRecord,
  EntryRecord,
  Refused,
  RunRecord,
  RunRef,
} from '../records.ts'
import type {
  AppendEntries,
  CancelRun,
  CloseRun,
  FinishCompensation,
  HaltRun,
  LeasesRenewed,
  OpenCompensation,
  OpenRun,
  RenewLeases,
  RunClosed,
  RunHalted,
  RunOpened,
  SweepRuns,
  SweptRuns,
} from '../run-verbs.ts'
import type { Store } from '../store.ts'
import { mapBodies } from './bodies.ts'
import { SealedOutcomes } from './sealed-outcomes.ts'
import { Sealer } from './sealer.ts'

/** A store whose bodies are sealed by codecs on their way in and opened on their way out, whatever is below it. */
export class SealedStore implements Store {
  readonly #store: Store
  readonly #sealer: Sealer
  readonly #outcomes: SealedOutcomes

  constructor(store: Store, codecs: readonly [Codec, ...Codec[]]) {
    this.#store = store
    this.#sealer = new Sealer(codecs)
    this.#outcomes = new SealedOutcomes(this.#sealer)
  }

  get kind(): string {
    return this.#store.kind
  }

  get location(): string {
    return this.#store.location
  }

  get identity(): object {
    return this.#store.identity
  }

  enter(): () => void {
    return this.#store.enter()
  }

  // Asynchronous, and yet each reaches the store below before it returns: verbs issued together keep their order.

  async openRun(open: OpenRun): Promise<RunOpened> {
    return this.#opened(await this.#store.openRun(this.#sealed(open)))
  }

  async closeRun(close: CloseRun): Promise<RunClosed> {
    return this.#opened(await this.#store.closeRun(this.#sealed(close)))
  }

  async haltRun(halt: HaltRun): Promise<RunHalted> {
    return this.#opened(await this.#store.haltRun(this.#sealed(halt)))
  }

  async cancelRun(cancel: CancelRun): ReturnType<Store['cancelRun']> {
    return this.#opened(await this.#store.cancelRun(this.#sealed(cancel)))
  }

  async openCompensation(open: OpenCompensation): ReturnType<Store['openCompensation']> {
    return this.#opened(await this.#store.openCompensation(this.#sealed(open)))
  }

  async finishCompensation(finish: FinishCompensation): ReturnType<Store['finishCompensation']> {
    return this.#opened(await this.#store.finishCompensation(this.#sealed(finish)))
  }

  async sweepRuns(sweep: SweepRuns): Promise<SweptRuns> {
    return this.#opened(await this.#store.sweepRuns(this.#sealed(sweep)))
  }

  async checkRun(run: RunRef): Promise<{ readonly kind: 'open' } | Refused> {
    return this.#opened(await this.#store.checkRun(run))
  }

  async renewLeases(renew: RenewLeases): Promise<LeasesRenewed> {
    return this.#opened(await this.#store.renewLeases(this.#sealed(renew)))
  }

  async append(entries: AppendEntries): Promise<void> {
    return this.#store.append(this.#sealed(entries))
  }

  async lookEffect(look: LookEffect): ReturnType<Store['lookEffect']> {
    return this.#opened(await this.#store.lookEffect(this.#sealed(look)))
  }

  async claimEffect(claim: ClaimEffect): ReturnType<Store['claimEffect']> {
    return this.#opened(await this.#store.claimEffect(this.#sealed(claim)))
  }

  async commitEffect(commit: CommitEffect): ReturnType<Store['commitEffect']> {
    const outcome = this.#outcomes.seal(commit.outcome)
    return this.#outcomes.open(commit, await this.#store.commitEffect({ ...commit, outcome }))
  }

  async resolveEffect(resolve: ResolveEffect): ReturnType<Store['resolveEffect']> {
    return this.#opened(await this.#store.resolveEffect(this.#sealed(resolve)))
  }

  async endWait(effect: number): Promise<void> {
    return this.#store.endWait(effect)
  }

  async reopenLane(run: RunRef, lane: string): ReturnType<Store['reopenLane']> {
    return this.#opened(await this.#store.reopenLane(run, lane))
  }

  async recordAnswers(run: RunRef, answers: readonly Answer[]): Promise<{ readonly kind: 'recorded' } | Refused> {
    return this.#opened(await this.#store.recordAnswers(run, this.#sealed(answers)))
  }

  async requestApproval(request: RequestApproval): ReturnType<Store['requestApproval']> {
    return this.#opened(await this.#store.requestApproval(this.#sealed(request)))
  }

  async decideApproval(decide: DecideApproval): ReturnType<Store['decideApproval']> {
    return this.#opened(await this.#store.decideApproval(this.#sealed(decide)))
  }

  async listApprovals(query: ApprovalQuery): Promise<readonly ApprovalRecord[]> {
    return this.#opened(await this.#store.listApprovals(query))
  }

  async readUndo(runSeq: number): Promise<readonly UndoStep[]> {
    return this.#opened(await this.#store.readUndo(runSeq))
  }

  async claimCompensation(claim: ClaimCompensation): ReturnType<Store['claimCompensation']> {
    return this.#opened(await this.#store.claimCompensation(this.#sealed(claim)))
  }

  async commitCompensation(commit: CommitCompensation): ReturnType<Store['commitCompensation']> {
    return this.#opened(await this.#store.commitCompensation(this.#sealed(commit)))
  }

  async reserve(reserve: ReserveCall): Promise<CallReserved> {
    return this.#opened(await this.#store.reserve(this.#sealed(reserve)))
  }

  async settle(settle: SettleCall): ReturnType<Store['settle']> {
    return this.#opened(await this.#store.settle(this.#sealed(settle)))
  }

  async correct(correct: CorrectCall): ReturnType<Store['correct']> {
    return this.#store.correct(this.#sealed(correct))
  }

  async setLimits(set: SetLimits): ReturnType<Store['setLimits']> {
    return this.#store.setLimits(set)
  }

  async openHold(open: OpenHold): Promise<HoldOpened> {
    return this.#opened(await this.#store.openHold(open))
  }

  async settleHold(settle: SettleHold): Promise<HoldSettled> {
    return this.#store.settleHold(this.#sealed(settle))
  }

  async expireHolds(at: number): ReturnType<Store['expireHolds']> {
    return this.#store.expireHolds(at)
  }

  async startRead(read: StartRead): ReturnType<Store['startRead']> {
    return this.#opened(await this.#store.startRead(read))
  }

  async readUsage(scope: string, at: number): Promise<ScopeUsage | null> {
    return this.#store.readUsage(scope, at)
  }

  async readLimits(scope: string, at: number): ReturnType<Store['readLimits']> {
    return this.#store.readLimits(scope, at)
  }

  async listLimits(pattern?: string): ReturnType<Store['listLimits']> {
    return this.#store.listLimits(pattern)
  }

  async readRun(run: string | number): Promise<RunRecord | null> {
    return this.#opened(await this.#store.readRun(run))
  }

  async listRuns(query: RunQuery): Promise<readonly RunRecord[]> {
    return this.#opened(await this.#store.listRuns(query))
  }

  async readEffect(ownerSeq: number, key: Buffer): Promise<readonly EffectRecord[]> {
    return this.#opened(await this.#store.readEffect(ownerSeq, key))
  }

  async readScope(name: string): Promise<number | null> {
    return this.#store.readScope(name)
  }

  async listEffects(query: EffectQuery): Promise<readonly EffectRecord[]> {
    return this.#opened(await this.#store.listEffects(query))
  }

  async readCall(id: number): Promise<CallRecord | null> {
    return this.#opened(await this.#store.readCall(id))
  }

  async findCall(externalId: string): Promise<CallRecord | null> {
    return this.#opened(await this.#store.findCall(externalId))
  }

  async listCalls(query: CallQuery): Promise<readonly CallRecord[]> {
    return this.#opened(await this.#store.listCalls(query))
  }

  async readAnswer(id: number): Promise<Body | null> {
    const body = await this.#store.readAnswer(id)
    return body === null ? null : this.#sealer.unseal(body)
  }

  async listAnswers(runSeq: number, after: number, limit: number): Promise<readonly AnswerRecord[]> {
    return this.#opened(await this.#store.listAnswers(runSeq, after, limit))
  }

  async readLane(runSeq: number, lane: string): Promise<LaneHistory> {
    return this.#opened(await this.#store.readLane(runSeq, lane))
  }

  async listEntries(stream: string, after: number, limit: number): Promise<readonly EntryRecord[]> {
    return mapBodies(await this.#store.listEntries(stream, after, limit), this.#sealer.unsealEntry)
  }

  async tail(cursor: TailCursor | null, limit: number): ReturnType<Store['tail']> {
    return mapBodies(await this.#store.tail(cursor, limit), this.#sealer.unsealEntry)
  }

  verify(): Promise<readonly Problem[]> {
    return this.#store.verify()
  }

  prune(): Promise<never> {
    return this.#store.prune()
  }

  migrate(): Promise<void> {
    return this.#store.migrate()
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #sealed<T>(request: T): T {
    return mapBodies(request, this.#sealer.seal)
  }

  #opened<T>(answer: T): T {
    return mapBodies(answer, this.#sealer.unseal)
  }
}
