import { expect, test } from 'vitest'
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
  openRun,
  openStore,
  temporaryFile,
} from './testing/fixture.ts'
import { act, fail, finishUndo, undo } from './testing/undoing.ts'

async function record(store: Store, run: RunRef, name: string): Promise<void> {
  const value = { lane: 'root', key: key(5), kind: 'value', effect: null, generation: 1, failed: false } as const
  await store.recordAnswers(run, [{ ...value, name, body: '1' }])
  const model = { lane: 'root', provider: 'openai', model: name, exactHash: key(6), maskedHash: key(6), restHash: '' }
  await store.reserve({ run, ...model, request: '{}', effect: null, at: AT })
}

/** A run that was undone and is tried again, with something of everything from before. */
async function retried(store: Store) {
  const run = await openRun(store)
  const { id } = await act(store, run)
  const kept = await act(store, run, { keys: [key(2)], undo: 'none' })
  const odd = await claim(store, run, { keys: [key(3)] })
  await commit(store, run, odd, ASSUMED)
  const child = await openRun(store, { id: 'run-1/child', parent: { run, lane: 'root', effect: null } })
  await act(store, child, { undo: 'none' })
  await store.closeRun(closing(child, 'completed'))
  await record(store, run, 'before')
  const before = await store.readLane(run.seq, 'root')
  expect([before.effects.length, before.answers.length, before.calls.length, before.below.length]).toEqual([3, 1, 1, 1])
  const ref = await fail(store, run)
  await undo(store, ref, id)
  await finishUndo(store, ref)
  return { run: await openRun(store, { retry: true }), kept, odd }
}

const EMPTY = { answers: [], effects: [], calls: [], below: [], retriedAt: [expect.any(Number)] }

test('a lane is empty after a compensation: nothing from before is served, or missed', async () => {
  const store = openStore(temporaryFile())
  const { run } = await retried(store)
  expect(await store.readLane(run.seq, 'root')).toEqual(EMPTY)
  expect(await store.reopenLane(run, 'root')).toEqual({ kind: 'reopened', history: EMPTY })
})

test('what happens from then on is its history, also after one more crash', async () => {
  const store = openStore(temporaryFile())
  const { run, kept, odd } = await retried(store)
  // What was not undone still answers.
  expect(await store.claimEffect(claiming(run, { keys: [key(2)] }))).toMatchObject({
    kind: 'settled',
    effect: { id: kept.id },
  })
  const again = await claim(store, run, { keys: [key(3)], attempts: 2 })
  expect(again).toMatchObject({ id: odd.id, generation: 1, attempt: 2 })
  const next = await act(store, run)
  await record(store, run, 'after')
  const child = await openRun(store, { id: 'run-1/child', retry: true, parent: { run, lane: 'root', effect: null } })
  await store.closeRun(closing(child, 'released'))
  await store.closeRun(closing(run, 'released'))
  const resumed = await openRun(store)
  const lane = await store.readLane(resumed.seq, 'root')
  expect(lane.effects.map(({ id, generation }) => [id, generation])).toEqual([
    [again.id, 1],
    [next.id, 2],
  ])
  expect(lane.answers.map(({ name }) => name)).toEqual(['after'])
  expect(lane.calls).toHaveLength(1)
  // The child was opened again and has written nothing since.
  expect(lane.below).toEqual([])
  const writing = await openRun(store, { id: 'run-1/child', parent: { run: resumed, lane: 'root', effect: null } })
  await claim(store, writing, { keys: [key(8)] })
  expect((await store.readLane(resumed.seq, 'root')).below).toMatchObject([{ through: 'child', id: 'run-1/child' }])
  expect(await store.verify()).toEqual([])
})

test('what could not be undone in a run below may have happened', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const child = await openRun(store, { id: 'run-1/child', parent: { run, lane: 'root', effect: null } })
  const [one, two] = [await act(store, child), await act(store, child, { keys: [key(2)], tool: 'ship' })]
  const ref = await fail(store, child)
  await undo(store, ref, two.id, { kind: 'failed', error: '1' })
  await undo(store, ref, one.id)
  await finishUndo(store, ref)
  expect((await store.readLane(run.seq, 'root')).below).toMatchObject([{ through: 'child', tool: 'ship' }])
})

test('a lane says from when to when its answers were in flight, and where later attempts began', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const first = await claim(store, run, { keys: [key(1)] })
  const second = await claim(store, run, { keys: [key(2)] })
  await commit(store, run, first)
  await commit(store, run, second)
  const read = {
    lane: 'root',
    key: key(3),
    kind: 'read',
    name: 'look',
    effect: null,
    generation: 1,
    failed: false,
  } as const
  await store.recordAnswers(run, [
    { ...read, body: '1' },
    { ...read, body: '2', beside: 1 },
  ])
  const lane = await store.readLane(run.seq, 'root')
  expect(lane.effects.map(({ at, endEntry }) => [at, endEntry])).toEqual([
    [2, 4],
    [3, 5],
  ])
  expect(lane.answers.map(({ beside }) => beside)).toEqual([0, 1])
  expect(lane.retriedAt).toEqual([])
  await store.closeRun(closing(run, 'failed'))
  const retried = await openRun(store, { retry: true })
  const { retriedAt } = await store.readLane(run.seq, 'root')
  const entries = await store.listEntries('run-1', 0, 100)
  expect(retriedAt).toEqual(entries.flatMap(({ kind, number }) => (kind === 'run-retried' ? [number] : [])))
  expect(retried.seq).toBe(run.seq)
})
