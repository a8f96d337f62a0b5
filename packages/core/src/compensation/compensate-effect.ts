import { shownLiveError } from '../config/shown-value.ts'
import { allowsRetry } from '../effect/allows-retry.ts'
import { type Ended, runBody } from '../effect/attempt.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { errorBody } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { Lane } from '../lane/lane.ts'
import { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { CompensationClaimed, CompensationOutcome } from '../store/decision-verbs.ts'
import type { EffectRecord } from '../store/records.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { backoffDelay } from '../util/backoff.ts'
import { crashPoint } from '../util/crash-point.ts'
import { formatEffectKey } from '../util/effect-key-text.ts'
import { ExecutedCompensation, type Execution } from './compensation-context.ts'
import { assertReadable, inputOf } from './compensation-input.ts'
import type { Compensation } from './compensation-tool.ts'

type Claimed = Extract<CompensationClaimed, { kind: 'claimed' }>

/** An effect on its way back. */
interface Undoing {
  readonly run: RunScope
  readonly effect: EffectRecord
  readonly compensation: Compensation
  readonly body: LiveBody
}

/**
 * Compensates one effect, or records why that failed; `changed`: somebody else did something about it meanwhile.
 * Throws what stops the whole compensation: a lost lease, a store out of reach.
 */
export async function compensateEffect(
  run: RunScope,
  effect: EffectRecord,
  compensation: Compensation,
): Promise<'compensated' | 'failed' | 'changed'> {
  const name = `compensate:${effect.id}`
  // One that outlived its time is never run beside itself.
  const alive = run.bodies.get(name)
  if (alive?.lingering !== undefined) await alive.lingering
  assertReadable(effect)
  const body = new LiveBody(name, null)
  const undoing: Undoing = { run, effect, compensation, body }
  const claim = await claimed(undoing)
  if (claim === undefined) return 'changed'
  run.bodies.set(name, body)
  const endLease = run.lease({ id: claim.id, epoch: claim.epoch, leaseMs: compensation.tool.leaseMs }, body)
  try {
    crashPoint('after-compensation-claim')
    return await execute(undoing, claim)
  } catch (error) {
    await leaveNothingBehind(undoing, claim, error)
    throw error
  } finally {
    endLease()
    forget(run, name, body)
  }
}

/** Whatever stops it in the middle, the effect must not stay `compensating` under an owner that lives on. */
async function leaveNothingBehind({ run, body }: Undoing, { id, epoch }: Claimed, error: unknown): Promise<void> {
  const { store, clock } = run.context
  if (body.isRecorded) return
  const request = { id, epoch, outcome: { kind: 'failed', error: errorBody(error) }, at: clock.now() } as const
  await store.commitCompensation(request).catch(() => undefined)
}

function forget(run: RunScope, name: string, body: LiveBody): void {
  const remove = () => {
    if (run.bodies.get(name) === body) run.bodies.delete(name)
  }
  if (body.lingering === undefined) remove()
  else body.lingering.then(remove, remove)
}

async function claimed({ run, effect, compensation, body }: Undoing): Promise<Claimed | undefined> {
  const { store, clock, wait, random } = run.context
  for (let turn = 0; ; turn++) {
    assertHeld(run)
    body.leasedSince = clock.monotonic()
    crashPoint('before-compensation-claim')
    const { id, epoch } = effect
    const { leaseMs } = compensation.tool
    const answer = await store.claimCompensation({ run: run.ref, effect: { id, epoch }, leaseMs, at: clock.now() })
    if (answer.kind === 'claimed') return answer
    if (answer.kind === 'lost') return undefined
    if (answer.kind === 'refused') throw run.refusal(answer)
    await clock.sleep(Math.max(1, Math.min(backoffDelay(wait, turn, random), answer.lease.remainingMs)))
  }
}

async function execute(undoing: Undoing, claim: Claimed): Promise<'compensated' | 'failed' | 'changed'> {
  const { run, effect, compensation, body } = undoing
  let attempt = claim.attempt
  for (let used = 1; ; used++) {
    const ended = await runAttempt(undoing, claim, attempt)
    crashPoint('after-compensation-body')
    if (ended.kind === 'value') return record(undoing, claim, { kind: 'compensated' })
    if (ended.kind === 'lingers') body.lingering = ended.late
    const error = errorBody(ended.error)
    if (ended.kind === 'lingers' || used >= compensation.tool.attempts || !mayRepeat(compensation.tool, ended.error)) {
      const recorded = await record(undoing, claim, { kind: 'failed', error })
      emitFailed(run, effect, attempt, ended.error)
      return recorded
    }
    const next = await commit(undoing, claim, { kind: 'retry', error })
    if (next === undefined) return 'changed'
    attempt = next
    body.renewSignal()
    await pause(undoing, used)
  }
}

function mayRepeat(tool: ToolSpec<unknown, unknown>, error: unknown): boolean {
  return !NotSerializableError.isInstance(error) && allowsRetry(tool, error)
}

function pause({ run, compensation }: Undoing, used: number): Promise<void> {
  return run.context.clock.sleep(backoffDelay(compensation.tool.backoff, used - 1, run.context.random))
}

async function runAttempt(undoing: Undoing, claim: Claimed, attempt: number): Promise<Ended> {
  const { run, effect, compensation, body } = undoing
  if (run.context.clock.monotonic() - body.leasedSince >= compensation.tool.leaseMs) {
    body.leasedSince = run.context.clock.monotonic()
    // Stopped for so long that somebody else may have it by now.
    if (!(await run.heartbeat()) || body.isAborted) throw new LeaseLostError({ runId: run.id })
  }
  assertHeld(run)
  const found = await inputOf(run, effect, compensation)
  if ('error' in found) return { kind: 'error', error: found.error }
  const given = found.given
  const { ownerSeq, key, generation } = effect
  const execution: Execution = { ownerSeq, key, generation, epoch: claim.epoch, attempt, ...given }
  const context = new ExecutedCompensation(run, body, execution)
  body.attempt = attempt
  crashPoint('before-compensation-body')
  const work = () => run.inLane(new Lane(''), body, () => compensation.run(given.result, given.args, context))
  return runBody(run, compensation.tool, body, work)
}

async function record(
  undoing: Undoing,
  claim: Claimed,
  outcome: CompensationOutcome,
): Promise<'compensated' | 'failed' | 'changed'> {
  const attempt = await commit(undoing, claim, outcome)
  if (attempt === undefined) return 'changed'
  crashPoint('after-compensation-commit')
  if (outcome.kind !== 'compensated') return 'failed'
  emitCompensated(undoing.run, undoing.effect, attempt)
  return 'compensated'
}

/** The number of the attempt that the row counts now; undefined if somebody took the compensation over. */
async function commit(
  { run, body }: Undoing,
  { id, epoch }: Claimed,
  outcome: CompensationOutcome,
): Promise<number | undefined> {
  const { store, clock } = run.context
  const request = { id, epoch, outcome, at: clock.now() }
  crashPoint('before-compensation-commit')
  try {
    const answer = await store.commitCompensation(request)
    return answer.kind === 'committed' ? answer.attempt : undefined
  } catch (error) {
    // It happened: recorded when the store is back. Nothing more is undone before that.
    if (StoreUnavailableError.isInstance(error)) {
      body.isRecorded = true
      run.keepOutcome(async () => void (await store.commitCompensation(request)))
    }
    throw error
  }
}

/** A compensation goes on whatever its caller's signal says; it stops when somebody else has taken it over. */
function assertHeld(run: RunScope): void {
  if (run.isLost) throw new LeaseLostError({ runId: run.id })
}

function emitCompensated({ context }: RunScope, effect: EffectRecord, attempt: number): void {
  if (context.events.hasListeners('effect-compensated'))
    context.events.emit('effect-compensated', compensationEvent(effect, attempt))
}

function emitFailed({ context }: RunScope, effect: EffectRecord, attempt: number, error: unknown): void {
  const { events, redact } = context
  if (!events.hasListeners('compensation-failed')) return
  const { recordLevel: level, runId, tool } = effect
  const shown = shownLiveError(error, { level, redact, about: { kind: 'error', runId, tool } })
  events.emit('compensation-failed', { ...compensationEvent(effect, attempt), error: shown })
}

function compensationEvent({ runId, tool, ownerSeq, key, generation }: EffectRecord, attempt: number) {
  return { runId, tool, key: formatEffectKey(ownerSeq, key), generation, attempt }
}
