import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import {
  ASSUMED,
  AT,
  claim,
  claiming,
  closing,
  commit,
  key,
  kindsOf,
  LEASE_MS,
  NOT_APPLIED,
  opening,
  openProcess,
  openRun,
  openStore,
  type SUCCEEDED,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'
import { act, claimUndo, fail, finishUndo, leftOf, openUndo, undo, undoing } from './testing/undoing.ts'

describe('a run that fails', () => {
  test('is compensating under a new epoch, which fences it and everything below', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await act(store, run)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const ref = await fail(store, run, { aborted: true })
    expect(ref).toEqual({ ...run, epoch: run.epoch + 1 })
    expect(await store.readRun('run-1')).toMatchObject({
      status: 'compensating',
      error: '{"name":"Failed"}',
      aborted: true,
      endedAt: null,
      dead: false,
    })
    const fenced = { kind: 'refused', reason: 'fenced', runId: 'run-1' }
    expect(await store.claimEffect(claiming(child, { keys: [key(2)] }))).toMatchObject(fenced)
    expect(await store.closeRun(closing(run, 'completed'))).toMatchObject(fenced)
    expect((await store.listEntries('run-1', 0, 100)).at(-1)).toMatchObject({
      kind: 'run-compensating',
      body: '{"epoch":2,"aborted":true}',
    })
    expect(await store.verify()).toEqual([])
  })

  test.each([
    ['an effect that nothing compensates', (store: Store, run: RunRef) => act(store, run, { undo: 'none' })],
    ['one that is known to have had no effect', (store: Store, run: RunRef) => attempt(store, run, NOT_APPLIED)],
    ['no effect at all', async () => {}],
  ])('with %s has simply failed', async (_, begin) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await begin(store, run)
    const closed = await store.closeRun(closing(run, 'compensating', { error: '"why"' }))
    expect(closed).toEqual({ kind: 'closed', status: 'failed', ref: run })
    expect(await store.readRun('run-1')).toMatchObject({
      status: 'failed',
      error: '"why"',
      endedAt: AT,
      aborted: false,
    })
    expect(await store.openCompensation(undoing())).toMatchObject({
      kind: 'nothing',
      run: { epoch: 1, status: 'failed' },
    })
  })

  test.each([
    ['in doubt', UNKNOWN],
    ['assumed to have had no effect', ASSUMED],
  ])('with an effect that is %s has something to look at', async (_, outcome) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await attempt(store, run, outcome)
    await fail(store, run)
  })

  test('undoes what a child did, also one that completed', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const grandchild = await openRun(store, { id: 'g', parent: { run: child, lane: 'root', effect: null } })
    const { id } = await act(store, grandchild)
    await store.closeRun(closing(grandchild, 'completed'))
    await store.closeRun(closing(child, 'completed'))
    const ref = await fail(store, run)
    expect(await leftOf(store, run.seq)).toEqual([id])
    expect(await claimUndo(store, ref, id)).toMatchObject({ kind: 'claimed' })
  })

  test('keeps its lease, and is taken over only when that is over', async () => {
    const path = temporaryFile()
    const [mine, theirs] = [new ManualClock(), new ManualClock()]
    const [first, second] = [openProcess(path, mine), openProcess(path, theirs)]
    const run = await openRun(first)
    const { id } = await act(first, run)
    await Promise.all([mine.advance(LEASE_MS), theirs.advance(LEASE_MS)])
    const ref = await fail(first, run)
    await theirs.advance(LEASE_MS)
    const busy = await second.openCompensation(undoing({ which: 'dead' }))
    expect(busy).toMatchObject({ kind: 'running', run: { status: 'compensating' }, lease: { expired: false } })
    await theirs.advance(2)
    const taken = await openUndo(second, { which: 'dead' })
    expect(taken.epoch).toBe(ref.epoch + 1)
    expect(await claimUndo(first, ref, id)).toMatchObject({ kind: 'refused', reason: 'fenced' })
    expect(await finishUndo(first, ref)).toMatchObject({ kind: 'refused', reason: 'fenced' })
    expect((await kindsOf(first)).filter((kind) => kind === 'run-compensating')).toHaveLength(2)
  })

  test('is not resumed, retried or canceled while it is being undone', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await act(store, run)
    await fail(store, run)
    const retried = await store.openRun(opening({ retry: true }))
    expect(retried).toMatchObject({ kind: 'ended', run: { status: 'compensating' } })
    expect(await store.cancelRun({ id: 'run-1', error: '{}', at: AT })).toMatchObject({ kind: 'ended' })
  })
})

describe('opening a compensation', () => {
  test.each(['completed', 'failed'] as const)('of a run that has %s begins one', async (to) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await act(store, run)
    await store.closeRun(closing(run, to, { error: '"why"', output: '1' }))
    const answer = await store.openCompensation(undoing())
    const expected = { status: 'compensating', epoch: 2, endedAt: null, error: '"why"' }
    expect(answer).toMatchObject({ kind: 'compensating', run: expected, ref: { epoch: 2 } })
    expect(await store.verify()).toEqual([])
  })

  test('of a canceled or waiting run begins one, and cancels what was asked in it', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await act(store, run)
    const approval = { argsHash: key(9), reason: null, from: 'ledger', expiresAt: null } as const
    const asked = await store.claimEffect(claiming(run, { keys: [key(2)], approval }))
    expect(asked).toMatchObject({ kind: 'awaiting_approval' })
    await store.closeRun(closing(run, 'waiting'))
    expect(await store.readRun('run-1')).toMatchObject({ status: 'waiting', endedAt: null })
    await openUndo(store)
    expect(await store.listApprovals({})).toMatchObject([{ status: 'canceled' }])

    const other = await openRun(store, { id: 'other' })
    await act(store, other)
    await store.cancelRun({ id: 'other', error: '"stop"', at: AT })
    await openUndo(store, { id: 'other' })
    expect(await store.readRun('other')).toMatchObject({ status: 'compensating', error: '"stop"' })
  })

  test('of one that is being executed says so, whoever has it', async () => {
    const path = temporaryFile()
    const theirs = new ManualClock()
    const [first, second] = [openProcess(path), openProcess(path, theirs)]
    const run = await openRun(first)
    await act(first, run)
    const live = { kind: 'running', run: { status: 'running' }, lease: { expired: false } }
    expect(await second.openCompensation(undoing())).toMatchObject(live)
    await theirs.advance(2 * LEASE_MS)
    const dead = { kind: 'running', run: { dead: true, epoch: 1 }, lease: { expired: true } }
    expect(await second.openCompensation(undoing())).toMatchObject(dead)
    expect(await second.openCompensation(undoing({ id: 'other' }))).toEqual({ kind: 'missing' })
  })

  test('of a run whose parent is at work says which one', async () => {
    const path = temporaryFile()
    const theirs = new ManualClock()
    const [first, second] = [openProcess(path), openProcess(path, theirs)]
    const run = await openRun(first)
    const child = await openRun(first, { id: 'c', parent: { run, lane: 'root', effect: null } })
    await act(first, child)
    await first.closeRun(closing(child, 'completed'))
    expect(await second.openCompensation(undoing({ id: 'c' }))).toMatchObject({ kind: 'running', run: { id: 'run-1' } })
    await fail(first, run)
    expect(await second.openCompensation(undoing({ id: 'c' }))).toMatchObject({ kind: 'running', run: { id: 'run-1' } })
    await theirs.advance(2 * LEASE_MS)
    expect(await second.openCompensation(undoing({ id: 'c' }))).toMatchObject({ kind: 'compensating' })
  })

  test('is possible for whoever is at work in the parent, and has it still', async () => {
    const path = temporaryFile()
    const theirs = new ManualClock()
    const [first, second] = [openProcess(path), openProcess(path, theirs)]
    const run = await openRun(first)
    const child = await openRun(first, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const { id } = await act(first, child)
    await fail(first, child)
    await theirs.advance(LEASE_MS + 1)
    const resumed = await openRun(second)
    const left = { id: 'c', which: 'dead' } as const
    expect(await second.openCompensation(undoing(left))).toMatchObject({ kind: 'running', run: { id: 'run-1' } })
    expect(await first.openCompensation(undoing({ ...left, within: run }))).toMatchObject({ kind: 'running' })
    const ref = await openUndo(second, { ...left, within: resumed })
    expect(ref.ancestors).toEqual([{ seq: resumed.seq, epoch: resumed.epoch }])
    await undo(second, ref, id)
    expect(await finishUndo(second, ref)).toMatchObject({ run: { status: 'compensated' } })
    expect(await second.claimEffect(claiming(resumed))).toMatchObject({ kind: 'claimed' })
  })

  test('for going on with what was left begins nothing', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await act(store, run)
    expect(await store.openCompensation(undoing({ which: 'dead' }))).toMatchObject({ kind: 'nothing' })
    await store.closeRun(closing(run, 'failed'))
    expect(await store.openCompensation(undoing({ which: 'dead' }))).toMatchObject({ kind: 'nothing' })
    expect(await store.readRun('run-1')).toMatchObject({ status: 'failed', epoch: 1 })
  })

  test('that was let go is open to anybody at once, also when nothing is left', async () => {
    const path = temporaryFile()
    const [first, second] = [openProcess(path), openProcess(path)]
    const run = await openRun(first)
    const { id } = await act(first, run)
    const ref = await fail(first, run)
    await undo(first, ref, id)
    const released = await first.finishCompensation({ run: ref, to: 'released', listed: false, at: AT })
    expect(released).toMatchObject({ kind: 'finished', run: { status: 'compensating' } })
    const taken = await openUndo(second, { which: 'dead' })
    expect(await finishUndo(second, taken)).toMatchObject({ kind: 'finished', run: { status: 'compensated' } })
    expect(await second.openCompensation(undoing())).toMatchObject({ kind: 'nothing', run: { status: 'compensated' } })
  })

  test('makes what is in flight for somebody who is gone unknown, in children too', async () => {
    const path = temporaryFile()
    const theirs = new ManualClock()
    const [first, second] = [openProcess(path), openProcess(path, theirs)]
    const run = await openRun(first)
    const child = await openRun(first, { id: 'c', parent: { run, lane: 'root', effect: null } })
    await act(first, run)
    const { id } = await claim(first, child, { undo: 'own', keys: [key(2)] })
    await first.cancelRun({ id: 'run-1', error: '{}', at: AT })
    await theirs.advance(LEASE_MS + 1)
    await openUndo(second)
    expect(await second.listEffects({ after: id - 1 })).toMatchObject([{ id, status: 'unknown' }])
  })
})

test('a run that fails knows what an execution before it left behind', async () => {
  const path = temporaryFile()
  const theirs = new ManualClock()
  const [first, second] = [openProcess(path), openProcess(path, theirs)]
  const run = await openRun(first)
  const child = await openRun(first, { id: 'c', parent: { run, lane: 'root', effect: null } })
  const { id } = await claim(first, child, { undo: 'own' })
  await theirs.advance(LEASE_MS + 1)
  await fail(second, await openRun(second))
  expect(await second.readUndo(run.seq)).toMatchObject([{ effect: { id, status: 'unknown' }, lease: null }])
})

test('what came to light only after a compensation may be undone by one more', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await act(store, run)
  const doubted = await claim(store, run, { undo: 'own', keys: [key(2)] })
  await commit(store, run, doubted, ASSUMED)
  const ref = await fail(store, run)
  await undo(store, ref, 1)
  expect(await finishUndo(store, ref)).toMatchObject({ run: { status: 'compensated' } })
  expect(await store.openCompensation(undoing())).toMatchObject({ kind: 'nothing' })
  const resolution = { kind: 'applied', result: '1', kept: true } as const
  await store.resolveEffect({ id: doubted.id, epoch: doubted.epoch, resolution, by: 'human', note: null, at: AT + 9 })
  const again = await openUndo(store)
  expect(await leftOf(store, again.seq)).toEqual([doubted.id])
})

async function attempt(store: Store, run: RunRef, outcome: typeof SUCCEEDED): Promise<void> {
  await commit(store, run, await claim(store, run, { undo: 'own' }), outcome)
}
