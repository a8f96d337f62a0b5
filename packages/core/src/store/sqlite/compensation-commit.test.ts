import { expect, test } from 'vitest'
import { AT, claim, commit, key, kindsOf, openRun, openStore, temporaryFile, UNKNOWN } from './testing/fixture.ts'
import {
  act,
  claimUndo,
  commitUndo,
  effectOf,
  fail,
  leftOf,
  NOT_UNDONE,
  takeUndo,
  UNDONE,
  undo,
} from './testing/undoing.ts'

test('what was undone stays beside what it undid', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const { id } = await act(store, run)
  const taken = await takeUndo(store, await fail(store, run), id)
  expect(await commitUndo(store, taken)).toEqual({ kind: 'committed', attempt: 1 })
  const expected = { status: 'compensated', undoneAt: AT + 1, undoError: null, result: '{"id":"ch_1"}', endedAt: AT }
  expect(await effectOf(store, id)).toMatchObject(expected)
  expect((await kindsOf(store)).slice(-3)).toEqual(['run-compensating', 'compensation-claimed', 'effect-compensated'])
  expect(await leftOf(store, run.seq)).toEqual([])
  expect(await store.verify()).toEqual([])
})

test('the same word once more is heard, another one is not', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const [one, two] = [await act(store, run), await act(store, run, { keys: [key(2)] })]
  const ref = await fail(store, run)
  const undone = await takeUndo(store, ref, two.id)
  const broken = await takeUndo(store, ref, one.id)
  await commitUndo(store, undone)
  await commitUndo(store, broken, NOT_UNDONE)
  const before = await kindsOf(store)
  expect(await commitUndo(store, undone)).toEqual({ kind: 'committed', attempt: 1 })
  expect(await commitUndo(store, broken, NOT_UNDONE)).toEqual({ kind: 'committed', attempt: 1 })
  expect(await commitUndo(store, undone, NOT_UNDONE)).toMatchObject({ kind: 'lost', effect: { status: 'compensated' } })
  expect(await commitUndo(store, broken)).toMatchObject({ kind: 'lost', effect: { status: 'compensation_failed' } })
  expect(await commitUndo(store, broken, { kind: 'retry', error: '1' })).toMatchObject({ kind: 'lost' })
  expect(await commitUndo(store, { id: one.id, epoch: 1 })).toMatchObject({ kind: 'lost' })
  expect(await kindsOf(store)).toEqual(before)
})

test('attempts under one claim are counted and told, and so is why they failed', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const { id } = await act(store, run)
  const taken = await takeUndo(store, await fail(store, run), id)
  expect(await commitUndo(store, taken, { kind: 'retry', error: '"busy"' })).toEqual({ kind: 'committed', attempt: 2 })
  expect(await commitUndo(store, taken, NOT_UNDONE)).toEqual({ kind: 'committed', attempt: 2 })
  expect(await effectOf(store, id)).toMatchObject({
    undoAttempt: 2,
    undoError: '{"name":"RefundFailed"}',
    undoneAt: null,
  })
  expect((await store.listEntries('run-1', 0, 100)).slice(-2)).toMatchObject([
    { kind: 'compensation-retried', effect: id, body: '{"attempt":1,"error":"busy"}' },
    { kind: 'compensation-failed', effect: id, body: '{"attempt":2,"error":{"name":"RefundFailed"}}' },
  ])
  expect(await leftOf(store, run.seq)).toEqual([id])
})

test('what an effect covers is undone with it: in its body, in the runs opened there, and however deep', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const before = await act(store, run, { keys: [key(9)] })
  const outer = await claim(store, run, { undo: 'inner' })
  const inner = await act(store, run, { keys: [key(2)], parentEffect: outer.id })
  const innermost = await act(store, run, { keys: [key(3)], parentEffect: inner.id, undo: 'none' })
  const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: outer.id } })
  const inChild = await act(store, child)
  const grandchild = await openRun(store, { id: 'g', parent: { run: child, lane: 'root', effect: null } })
  const inGrandchild = await act(store, grandchild)
  const doubted = await claim(store, run, { keys: [key(4)], parentEffect: outer.id, undo: 'own' })
  await commit(store, run, doubted, UNKNOWN)
  await commit(store, run, outer)
  const ref = await fail(store, run)
  const covered = { [inner.id]: outer.id, [inChild.id]: outer.id, [inGrandchild.id]: outer.id, [doubted.id]: outer.id }
  const steps = await store.readUndo(run.seq)
  expect(Object.fromEntries(steps.map(({ effect, coveredBy }) => [effect.id, coveredBy]))).toEqual({
    ...covered,
    [outer.id]: null,
    [before.id]: null,
  })
  const epoch = (await effectOf(store, inner.id)).epoch
  await undo(store, ref, outer.id)
  for (const { id } of [inner, innermost, inChild, inGrandchild]) {
    expect(await effectOf(store, id)).toMatchObject({ status: 'compensated', undoAttempt: 0, undoneAt: AT + 1 })
  }
  expect((await store.listEntries('g', 0, 100)).at(-1)).toMatchObject({
    kind: 'effect-compensated',
    effect: inGrandchild.id,
    body: `{"by":${outer.id}}`,
  })
  // Whoever had read the inner one before lost it.
  expect(await effectOf(store, inner.id)).toMatchObject({ epoch: epoch + 1 })
  expect(await claimUndo(store, ref, inner.id)).toMatchObject({ kind: 'lost' })
  // What nobody knows is not said to be undone.
  expect(await leftOf(store, run.seq)).toEqual([doubted.id, before.id])
  expect(await store.verify()).toEqual([])
})

test('a compensation that fails covers nothing', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const outer = await claim(store, run, { undo: 'inner' })
  const inner = await act(store, run, { keys: [key(2)], parentEffect: outer.id })
  await commit(store, run, outer)
  const ref = await fail(store, run)
  await undo(store, ref, outer.id, NOT_UNDONE)
  expect(await effectOf(store, inner.id)).toMatchObject({ status: 'succeeded' })
  await undo(store, ref, outer.id, UNDONE)
  expect(await effectOf(store, inner.id)).toMatchObject({ status: 'compensated' })
})
