import { expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import {
  AT,
  claim,
  closing,
  commit,
  key,
  LEASE_MS,
  NOT_APPLIED,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
} from './testing/fixture.ts'
import {
  act,
  claimUndo,
  commitUndo,
  effectOf,
  fail,
  finishUndo,
  NOT_UNDONE,
  openUndo,
  takeUndo,
  undo,
} from './testing/undoing.ts'

test('the right to undo an effect comes with an epoch of its own, and an entry beside what it undoes', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const { id, epoch } = await act(store, run)
  const ref = await fail(store, run)
  expect(await claimUndo(store, ref, id)).toEqual({ kind: 'claimed', id, epoch: epoch + 1, attempt: 1 })
  expect(await effectOf(store, id)).toMatchObject({ status: 'compensating', undoAttempt: 1, commitSeq: 3 })
  expect((await store.listEntries('run-1', 0, 100)).at(-1)).toMatchObject({
    kind: 'compensation-claimed',
    effect: id,
    body: '{"tool":"charge-card","generation":1,"attempt":1,"epoch":2}',
  })
  expect(await store.verify()).toEqual([])
})

test('only the owner of the compensation gets it, and only for what happened', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const { id, epoch } = await act(store, run)
  const failed = await claim(store, run, { keys: [key(2)], undo: 'own' })
  await commit(store, run, failed, NOT_APPLIED)
  const asked = { run, effect: { id, epoch }, leaseMs: LEASE_MS, at: AT }
  expect(await store.claimCompensation(asked)).toMatchObject({ kind: 'refused', reason: 'closed' })
  const ref = await fail(store, run)
  expect(await store.claimCompensation(asked)).toMatchObject({ kind: 'refused', reason: 'fenced' })
  expect(await claimUndo(store, ref, failed.id)).toMatchObject({ kind: 'lost', effect: { status: 'failed' } })
  const stale = await store.claimCompensation({ ...asked, run: ref, effect: { id, epoch: epoch + 5 } })
  expect(stale).toMatchObject({ kind: 'lost', effect: { status: 'succeeded' } })
  await undo(store, ref, id)
  expect(await claimUndo(store, ref, id)).toMatchObject({ kind: 'lost', effect: { status: 'compensated' } })
})

test('a run above that moved on fences the compensation of one below it', async () => {
  const path = temporaryFile()
  const theirs = new ManualClock()
  const [first, second] = [openProcess(path), openProcess(path, theirs)]
  const run = await openRun(first)
  const child = await openRun(first, { id: 'c', parent: { run, lane: 'root', effect: null } })
  const { id } = await act(first, child)
  const ref = await fail(first, child)
  await theirs.advance(LEASE_MS + 1)
  await openRun(second)
  expect(await claimUndo(first, ref, id)).toMatchObject({ kind: 'refused', reason: 'fenced', runId: 'run-1' })
  expect(await finishUndo(first, ref)).toMatchObject({ kind: 'refused', reason: 'fenced', runId: 'run-1' })
  expect(await effectOf(first, id)).toMatchObject({ status: 'succeeded' })
})

test('a compensation somebody is at is busy, and is done once more when its owner is gone', async () => {
  const path = temporaryFile()
  const theirs = new ManualClock()
  const [first, second] = [openProcess(path), openProcess(path, theirs)]
  const run = await openRun(first)
  const { id } = await act(first, run)
  const ref = await fail(first, run)
  const lost = await takeUndo(first, ref, id)
  expect(await claimUndo(first, ref, id)).toMatchObject({ kind: 'busy', lease: { expired: false } })
  await theirs.advance(LEASE_MS + 1)
  const taken = await openUndo(second, { which: 'dead' })
  expect(await second.readUndo(run.seq)).toMatchObject([
    { effect: { status: 'compensating' }, lease: { expired: true } },
  ])
  const again = await takeUndo(second, taken, id)
  expect(again).toMatchObject({ attempt: 2, epoch: lost.epoch + 1 })
  expect(await commitUndo(first, lost)).toMatchObject({ kind: 'lost', effect: { status: 'compensating' } })
  expect(await commitUndo(second, again)).toEqual({ kind: 'committed', attempt: 2 })
})

test('the leases of a compensation are renewed with the others, and a halt that ended the run is not told again', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const { id } = await act(store, run)
  await store.haltRun({ run, error: '"budget"', at: AT })
  const ref = await fail(store, run)
  const taken = await takeUndo(store, ref, id)
  const held = { runs: [{ seq: ref.seq, epoch: ref.epoch }], effects: [{ id, epoch: taken.epoch }] }
  expect(await store.renewLeases(held)).toEqual({ lostRuns: [], haltedRuns: [], lostEffects: [] })
  await commitUndo(store, taken)
  await finishUndo(store, ref)
  expect(await store.renewLeases(held)).toEqual({
    lostRuns: [{ seq: ref.seq, epoch: ref.epoch, status: 'compensated' }],
    haltedRuns: [],
    lostEffects: [{ id, epoch: taken.epoch }],
  })
})

test('a failed compensation is claimed again, and forgets why it failed', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const { id } = await act(store, run)
  await undo(store, await fail(store, run), id, NOT_UNDONE)
  const ref = (await store.readRun('run-1')) as { seq: number }
  expect(await effectOf(store, id)).toMatchObject({
    status: 'compensation_failed',
    undoError: NOT_UNDONE.kind === 'failed' && NOT_UNDONE.error,
  })
  const released = { seq: ref.seq, epoch: 2, rootSeq: ref.seq, ancestors: [] }
  expect(await takeUndo(store, released, id)).toMatchObject({ attempt: 2 })
  expect(await effectOf(store, id)).toMatchObject({ status: 'compensating', undoError: null })
})

test('a late word of the forward body changes nothing once its effect is being undone', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const acted = await act(store, run)
  const ref = await fail(store, run)
  await takeUndo(store, ref, acted.id)
  expect(await commit(store, run, acted)).toMatchObject({ kind: 'lost', effect: { status: 'compensating' } })
  expect(await store.closeRun(closing(run, 'failed'))).toMatchObject({ reason: 'fenced' })
})
