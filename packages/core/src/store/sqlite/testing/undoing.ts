import type {
  ClaimCompensation,
  CompensationClaimed,
  CompensationCommitted,
  CompensationOutcome,
} from '../../decision-verbs.ts'
import type { ClaimEffect, Claimed } from '../../effect-verbs.ts'
import type { RunRef } from '../../records.ts'
import type { CloseRun, OpenCompensation } from '../../run-verbs.ts'
import type { Store } from '../../store.ts'
import { AT, claim, closing, commit, LEASE_MS } from './fixture.ts'

/** What is told to somebody who has to undo a charge. */
export const UNDONE: CompensationOutcome = { kind: 'compensated' }
export const NOT_UNDONE: CompensationOutcome = { kind: 'failed', error: '{"name":"RefundFailed"}' }

/** An effect that succeeded and can be undone. */
export async function act(store: Store, run: RunRef, overrides: Partial<ClaimEffect> = {}): Promise<Claimed> {
  const claimed = await claim(store, run, { undo: 'own', ...overrides })
  await commit(store, run, claimed)
  return claimed
}

/** Fails a run that has something to undo. */
export async function fail(store: Store, run: RunRef, overrides: Partial<CloseRun> = {}): Promise<RunRef> {
  const closed = await store.closeRun(closing(run, 'compensating', { error: '{"name":"Failed"}', ...overrides }))
  if (closed.kind !== 'closed' || closed.status !== 'compensating')
    throw new Error(`Not compensating: ${JSON.stringify(closed)}`)
  return closed.ref
}

export function undoing(overrides: Partial<OpenCompensation> = {}): OpenCompensation {
  return { id: 'run-1', which: 'any', leaseMs: LEASE_MS, at: AT, ...overrides }
}

export async function openUndo(store: Store, overrides: Partial<OpenCompensation> = {}): Promise<RunRef> {
  const opened = await store.openCompensation(undoing(overrides))
  if (opened.kind !== 'compensating') throw new Error(`The compensation was not opened: ${opened.kind}`)
  return opened.ref
}

type Effect = ClaimCompensation['effect']

/** Claims the compensation of an effect, whose epoch is read first. */
export async function claimUndo(store: Store, run: RunRef, id: number): Promise<CompensationClaimed> {
  return store.claimCompensation({ run, effect: { id, epoch: await epochOf(store, id) }, leaseMs: LEASE_MS, at: AT })
}

export async function takeUndo(store: Store, run: RunRef, id: number): Promise<Effect & { readonly attempt: number }> {
  const claimed = await claimUndo(store, run, id)
  if (claimed.kind !== 'claimed') throw new Error(`The compensation was not claimed: ${claimed.kind}`)
  return claimed
}

export function commitUndo(store: Store, { id, epoch }: Effect, outcome = UNDONE): Promise<CompensationCommitted> {
  return store.commitCompensation({ id, epoch, outcome, at: AT + 1 })
}

/** Undoes an effect that nothing speaks against. */
export async function undo(store: Store, run: RunRef, id: number, outcome = UNDONE): Promise<void> {
  const committed = await commitUndo(store, await takeUndo(store, run, id), outcome)
  if (committed.kind !== 'committed') throw new Error(`The compensation was not recorded: ${committed.kind}`)
}

export async function finishUndo(store: Store, run: RunRef, listed = false): ReturnType<Store['finishCompensation']> {
  return store.finishCompensation({ run, to: 'over', listed, at: AT + 2 })
}

/** The ids of what is left to undo, in order. */
export async function leftOf(store: Store, runSeq: number): Promise<readonly number[]> {
  return (await store.readUndo(runSeq)).map(({ effect }) => effect.id)
}

export async function effectOf(store: Store, id: number) {
  const [effect] = await store.listEffects({ after: id - 1, limit: 1 })
  if (effect === undefined) throw new Error(`There is no effect ${id}`)
  return effect
}

async function epochOf(store: Store, id: number): Promise<number> {
  return (await effectOf(store, id)).epoch
}
