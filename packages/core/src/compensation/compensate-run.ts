import type { CompensationFailure } from '../errors/compensation-failed-error.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { UndoStep } from '../store/decision-verbs.ts'
import type { EffectRecord, RunStatus } from '../store/records.ts'
import { backoffDelay } from '../util/backoff.ts'
import { crashPoint } from '../util/crash-point.ts'
import { compensateEffect } from './compensate-effect.ts'
import { type Compensation, compensationOf, toolOf } from './compensation-tool.ts'
import { failuresAmong } from './failures-of.ts'
import { canBeAsked, settleDoubt } from './settle-doubt.ts'
import { batchesOf, isDoubtful, isInFlight } from './undo-order.ts'

/** What compensating a run came to. */
export interface Compensated {
  /** `compensated` or `compensation_failed`. */
  readonly status: RunStatus
  /** How many effects were undone now. */
  readonly compensated: number
  /** What is left as it was. */
  readonly failures: readonly CompensationFailure[]
}

/** A compensation in progress. */
interface Progress {
  readonly run: RunScope
  /** Effects that this pass can do no more about. */
  readonly givenUp: Set<number>
  /** Of these, those whose reconcile hook could not say whether they happened. */
  readonly undecided: Set<number>
  compensated: number
}

/**
 * Undoes what a run and everything below it did: doubts are settled first, then the last commit is undone first, and
 * members of a saga's group side by side. A failure stops nothing that comes after it. Throws a `ConfigError` for a tool
 * that this process does not know: then nothing that was done before that one's effect is undone past it, the run stays
 * `compensating`, and anybody who has the tool may go on.
 */
export async function compensateRun(run: RunScope): Promise<Compensated> {
  const progress: Progress = { run, givenUp: new Set(), undecided: new Set(), compensated: 0 }
  try {
    crashPoint('before-compensation')
    let left = await pass(progress)
    while (left === 'more') left = await pass(progress)
    crashPoint('after-compensations')
    return await finish(progress, left)
  } catch (error) {
    await letGo(run, error)
    throw error
  }
}

/** Goes once through what is left; when there is nothing that could be tried it answers with that. */
async function pass(progress: Progress): Promise<'more' | readonly UndoStep[]> {
  const { run, givenUp } = progress
  const all = await run.context.store.readUndo(run.ref.seq)
  const left = all.filter(({ effect }) => !givenUp.has(effect.id))
  // A human has to say what became of those; that is no reason to leave the others.
  for (const { effect, isLeftForever } of left) if (isLeftForever) givenUp.add(effect.id)
  const inFlight = left.filter((step) => isInFlight(step) && !step.isLeftForever)
  if (inFlight.length > 0) return waitFor(run, inFlight)
  if (await awaitedLingering(progress, left)) return 'more'
  const doubtful = left.filter((step) => isDoubtful(step) && !step.isLeftForever)
  for (const { effect } of doubtful) await settle(progress, effect)
  if (doubtful.length > 0) return 'more'
  const batches = batchesOf(left.filter(({ isLeftForever }) => !isLeftForever))
  for (const batch of batches) await compensateBatch(progress, batch)
  return batches.length > 0 ? 'more' : all
}

/** Nothing is undone while something of the subtree is still being done: its outcome is part of what is to be undone. */
async function waitFor({ context }: RunScope, inFlight: readonly UndoStep[]): Promise<'more'> {
  const { clock, wait, random } = context
  const soonest = Math.min(...inFlight.map(({ lease }) => lease?.remainingMs ?? 0))
  await clock.sleep(Math.max(1, Math.min(soonest, backoffDelay(wait, 0, random))))
  return 'more'
}

/**
 * A body that outlived its time may still do what it was to do: it is awaited, for a lease's time. What lives longer is
 * left and listed; nobody is asked about it, because no answer would hold. Answers whether there was any.
 */
async function awaitedLingering({ run, givenUp }: Progress, steps: readonly UndoStep[]): Promise<boolean> {
  const { clock, leaseMs } = run.context
  const alive = steps.flatMap(({ effect }) => {
    const body = run.bodies.get(effect.key.toString('latin1'))
    return body?.lingering !== undefined && body.effect === effect.id ? [{ id: effect.id, over: body.lingering }] : []
  })
  for (const { id, over } of alive) {
    const ended = new AbortController()
    const end = over.finally(() => ended.abort())
    await Promise.race([end, clock.sleep(leaseMs, ended.signal).catch(() => undefined)])
    if (!ended.signal.aborted) givenUp.add(id)
  }
  return alive.length > 0
}

async function settle(progress: Progress, effect: EffectRecord): Promise<void> {
  const { run, givenUp, undecided } = progress
  if (await wasSettledBelow(run, effect)) return void givenUp.add(effect.id)
  const tool = toolOf(run, effect)
  if (!canBeAsked(tool)) return void givenUp.add(effect.id)
  if ((await settleDoubt(run, tool, effect)) === 'settled') return
  givenUp.add(effect.id)
  undecided.add(effect.id)
}

/** What a run below made of its own failures when it was undone by itself stands. */
async function wasSettledBelow({ ref, context }: RunScope, { runSeq, status }: EffectRecord): Promise<boolean> {
  if (status !== 'failed' || runSeq === ref.seq) return false
  const below = await context.store.readRun(runSeq)
  return below?.status === 'compensated' || below?.status === 'compensation_failed'
}

async function compensateBatch(progress: Progress, batch: readonly EffectRecord[]): Promise<void> {
  const { run } = progress
  // All tools of the group are known before the first of it is undone.
  const members = batch.map((effect) => ({ effect, compensation: compensationOf(run, effect) }))
  // All are in flight before the first verb of any: so they share their transactions.
  const leave = members.map(() => run.context.store.enter())
  await settledAll(members.map((member, index) => compensateOne(progress, member).finally(leave[index])))
  crashPoint('between-compensations')
}

async function compensateOne(
  progress: Progress,
  { effect, compensation }: { readonly effect: EffectRecord; readonly compensation: Compensation },
): Promise<void> {
  const came = await compensateEffect(progress.run, effect, compensation)
  if (came === 'compensated') progress.compensated++
  // What somebody else changed is looked at again by the next pass.
  if (came === 'failed') progress.givenUp.add(effect.id)
}

/** What stops one member must not leave the others running behind the caller's back. */
async function settledAll(members: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(members)).find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function finish({ run, undecided, compensated }: Progress, left: readonly UndoStep[]): Promise<Compensated> {
  const { store, clock } = run.context
  const listed = undecided.size > 0
  const failures = failuresAmong(left, undecided)
  const finished = await store.finishCompensation({ run: run.ref, to: 'over', listed, at: clock.now() })
  if (finished.kind === 'refused') throw run.refusal(finished)
  run.context.events.emit('run-closed', { runId: run.id, status: finished.run.status })
  return { status: finished.run.status, compensated, failures }
}

/** Whoever can go on may have it at once. */
async function letGo(run: RunScope, error: unknown): Promise<void> {
  const { store, clock } = run.context
  const release = async () => {
    await store.finishCompensation({ run: run.ref, to: 'released', listed: false, at: clock.now() })
  }
  if (StoreUnavailableError.isInstance(error)) return run.keepEnd(release)
  // Also when it is fenced: by a run above it, it still holds its own lease.
  await release().catch(() => run.keepEnd(release))
}
