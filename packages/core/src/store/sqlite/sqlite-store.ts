import { NotSupportedError } from '../../errors/not-supported-error.ts'
import type { CallReserved, CallSettled, CorrectCall, ReserveCall, SettleCall } from '../call-verbs.ts'
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
import { Session, type SessionOptions } from './session.ts'
import { verify } from './verify.ts'

/** The store contract on SQLite: says of each verb how it is run; what it does stands in the file of its concern. */
export class SqliteStore implements Store {
  readonly kind = 'sqlite'
  readonly location: string
  readonly #session: Session

  constructor(options: SessionOptions) {
    this.location = options.path
    this.#session = new Session(options)
  }

  get identity(): object {
    return this.#session.identity
  }

  enter(): () => void {
    return this.#session.enter()
  }

  openRun(open: OpenRun): Promise<RunOpened> {
    return this.#session.write('openRun', size(open.input), (verbs) => verbs.opener.openRun(open))
  }

  closeRun(close: CloseRun): Promise<RunClosed> {
    const bytes = size(close.output) + size(close.error)
    return this.#session.write('closeRun', bytes, (verbs) => verbs.closer.closeRun(close))
  }

  haltRun(halt: HaltRun): Promise<RunHalted> {
    return this.#session.write('haltRun', size(halt.error), (verbs) => verbs.closer.haltRun(halt))
  }

  cancelRun(cancel: CancelRun): ReturnType<Store['cancelRun']> {
    return this.#session.write('cancelRun', size(cancel.error), (verbs) => verbs.canceler.cancelRun(cancel))
  }

  openCompensation(open: OpenCompensation): ReturnType<Store['openCompensation']> {
    return this.#session.write('openCompensation', 0, (verbs) => verbs.compensations.opener.openCompensation(open))
  }

  finishCompensation(finish: FinishCompensation): ReturnType<Store['finishCompensation']> {
    const verb = 'finishCompensation'
    return this.#session.write(verb, 0, (verbs) => verbs.compensations.finisher.finishCompensation(finish))
  }

  sweepRuns(sweep: SweepRuns): Promise<SweptRuns> {
    return this.#session.write('sweepRuns', 0, (verbs) => verbs.sweeper.sweepRuns(sweep))
  }

  checkRun(run: RunRef): Promise<{ readonly kind: 'open' } | Refused> {
    return this.#session.read('checkRun', (verbs) => verbs.fence.mayStart(run) ?? { kind: 'open' })
  }

  renewLeases(renew: RenewLeases): Promise<LeasesRenewed> {
    return this.#session.write('renewLeases', 0, (verbs) => verbs.renewal.renewLeases(renew))
  }

  append(entries: AppendEntries): Promise<void> {
    return this.#session.write('append', 0, (verbs) => verbs.appends.append(entries))
  }

  lookEffect(look: LookEffect): ReturnType<Store['lookEffect']> {
    return this.#session.read('lookEffect', (verbs) => verbs.finder.lookEffect(look))
  }

  claimEffect(claim: ClaimEffect): ReturnType<Store['claimEffect']> {
    return this.#session.write('claimEffect', size(claim.args), (verbs) => verbs.claims.claimEffect(claim))
  }

  commitEffect(commit: CommitEffect): ReturnType<Store['commitEffect']> {
    const { outcome, userCommit } = commit
    const bytes = size(outcome.kind === 'succeeded' ? outcome.result : outcome.error)
    const verb = 'commitEffect'
    return this.#session.write(verb, bytes, (verbs) => verbs.commits.commitEffect(commit), userCommit !== null)
  }

  resolveEffect(resolve: ResolveEffect): ReturnType<Store['resolveEffect']> {
    const isAlone = resolve.userCommit != null
    return this.#session.write('resolveEffect', 0, (verbs) => verbs.resolutions.resolveEffect(resolve), isAlone)
  }

  requestApproval(request: RequestApproval): ReturnType<Store['requestApproval']> {
    return this.#session.write('requestApproval', 0, (verbs) => verbs.requests.requestApproval(request))
  }

  decideApproval(decide: DecideApproval): ReturnType<Store['decideApproval']> {
    return this.#session.write('decideApproval', size(decide.args), (verbs) => verbs.decisions.decideApproval(decide))
  }

  listApprovals(query: ApprovalQuery): Promise<readonly ApprovalRecord[]> {
    return this.#session.snapshot('listApprovals', (verbs) => verbs.approvals.listApprovals(query))
  }

  endWait(effect: number): Promise<void> {
    return this.#session.write('endWait', 0, (verbs) => verbs.waits.endWait(effect))
  }

  recordAnswers(run: RunRef, answers: readonly Answer[]): Promise<{ readonly kind: 'recorded' } | Refused> {
    const bytes = answers.reduce((sum, { body }) => sum + size(body), 0)
    return this.#session.write('recordAnswers', bytes, (verbs) => verbs.answers.recordAnswers(run, answers))
  }

  reopenLane(run: RunRef, lane: string): ReturnType<Store['reopenLane']> {
    return this.#session.write('reopenLane', 0, (verbs) => verbs.reopener.reopenLane(run, lane))
  }

  readUndo(runSeq: number): Promise<readonly UndoStep[]> {
    return this.#session.snapshot('readUndo', (verbs) => verbs.compensations.steps.readUndo(runSeq))
  }

  claimCompensation(claim: ClaimCompensation): ReturnType<Store['claimCompensation']> {
    return this.#session.write('claimCompensation', 0, (verbs) => verbs.compensations.claims.claimCompensation(claim))
  }

  commitCompensation(commit: CommitCompensation): ReturnType<Store['commitCompensation']> {
    const { outcome } = commit
    const bytes = size(outcome.kind === 'compensated' ? null : outcome.error)
    const verb = 'commitCompensation'
    return this.#session.write(verb, bytes, (verbs) => verbs.compensations.commits.commitCompensation(commit))
  }

  reserve(reserve: ReserveCall): Promise<CallReserved> {
    return this.#session.write('reserve', size(reserve.request), (verbs) => verbs.calls.reserve(reserve))
  }

  settle(settle: SettleCall): Promise<CallSettled> {
    const { outcome } = settle
    const bytes = size(outcome.kind === 'succeeded' ? outcome.response : outcome.error)
    return this.#session.write('settle', bytes, (verbs) => verbs.calls.settle(settle))
  }

  correct(correct: CorrectCall): ReturnType<Store['correct']> {
    return this.#session.write('correct', size(correct.usage), (verbs) => verbs.calls.correct(correct))
  }

  readRun(run: string | number): Promise<RunRecord | null> {
    return this.#session.snapshot('readRun', (verbs) => verbs.runs.readRun(run))
  }

  listRuns(query: RunQuery): Promise<readonly RunRecord[]> {
    return this.#session.snapshot('listRuns', (verbs) => verbs.runs.listRuns(query))
  }

  readEffect(ownerSeq: number, key: Buffer): Promise<readonly EffectRecord[]> {
    return this.#session.read('readEffect', (verbs) => verbs.effects.readEffect(ownerSeq, key))
  }

  readScope(name: string): Promise<number | null> {
    return this.#session.read('readScope', (verbs) => verbs.runs.readScope(name))
  }

  listEffects(query: EffectQuery): Promise<readonly EffectRecord[]> {
    return this.#session.read('listEffects', (verbs) => verbs.effects.listEffects(query))
  }

  readCall(id: number): Promise<CallRecord | null> {
    return this.#session.read('readCall', (verbs) => verbs.callReader.readCall(id))
  }

  findCall(externalId: string): Promise<CallRecord | null> {
    return this.#session.read('findCall', (verbs) => verbs.callReader.findCall(externalId))
  }

  listCalls(query: CallQuery): Promise<readonly CallRecord[]> {
    return this.#session.read('listCalls', (verbs) => verbs.callReader.listCalls(query))
  }

  readAnswer(id: number): Promise<Body | null> {
    return this.#session.read('readAnswer', (verbs) => verbs.callReader.readAnswer(id))
  }

  listAnswers(runSeq: number, after: number, limit: number): Promise<readonly AnswerRecord[]> {
    return this.#session.read('listAnswers', (verbs) => verbs.callReader.listAnswers(runSeq, after, limit))
  }

  readLane(runSeq: number, lane: string): Promise<LaneHistory> {
    return this.#session.snapshot('readLane', (verbs) => verbs.lanes.readLane(runSeq, lane))
  }

  listEntries(stream: string, after: number, limit: number): Promise<readonly EntryRecord[]> {
    return this.#session.snapshot('listEntries', (verbs) => verbs.runs.listEntries(stream, after, limit))
  }

  tail(cursor: TailCursor | null, limit: number): ReturnType<Store['tail']> {
    return this.#session.snapshot('tail', (verbs) => verbs.tail.tail(cursor, limit))
  }

  verify(): Promise<readonly Problem[]> {
    return this.#session.snapshot('verify', (verbs) => verify(verbs.context.database))
  }

  migrate(): Promise<void> {
    return this.#session.migrate()
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  setLimits(set: SetLimits): ReturnType<Store['setLimits']> {
    return this.#session.write('setLimits', 0, (verbs) => verbs.limits.setLimits(set))
  }

  openHold(open: OpenHold): Promise<HoldOpened> {
    return this.#session.write('openHold', 0, (verbs) => verbs.holds.openHold(open))
  }

  settleHold(settle: SettleHold): Promise<HoldSettled> {
    return this.#session.write('settleHold', size(settle.usage), (verbs) => verbs.holds.settleHold(settle))
  }

  expireHolds(at: number): ReturnType<Store['expireHolds']> {
    return this.#session.write('expireHolds', 0, (verbs) => verbs.holds.expireHolds(at))
  }

  async startRead(read: StartRead): ReturnType<Store['startRead']> {
    const straight = await this.#session.read('startRead', (verbs) => verbs.effectLimits.lookRead(read))
    return straight ?? this.#session.write('startRead', 0, (verbs) => verbs.effectLimits.startRead(read))
  }

  readUsage(scope: string, at: number): Promise<ScopeUsage | null> {
    return this.#session.snapshot('readUsage', (verbs) => verbs.usage.readUsage(scope, at))
  }

  readLimits(scope: string, at: number): ReturnType<Store['readLimits']> {
    return this.#session.snapshot('readLimits', (verbs) => verbs.usage.readLimits(scope, at))
  }

  listLimits(pattern?: string): ReturnType<Store['listLimits']> {
    return this.#session.snapshot('listLimits', (verbs) => verbs.limits.listLimits(pattern))
  }

  prune(): Promise<never> {
    return notSupported('Pruning')
  }
}

function notSupported(feature: string): Promise<never> {
  return Promise.reject(new NotSupportedError(feature))
}

/** Characters for bytes: it only has to be roughly right. */
function size(body: Body | null): number {
  return body?.length ?? 0
}
