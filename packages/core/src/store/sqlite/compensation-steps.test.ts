import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunRef } from '../records.ts'
import { deciding, TERMS } from './testing/approval-fixture.ts'
import {
  ASSUMED,
  AT,
  claim,
  closing,
  commit,
  key,
  NOT_APPLIED,
  openRun,
  openStore,
  SUCCEEDED,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'
import { act, fail, leftOf, NOT_UNDONE, takeUndo, undo } from './testing/undoing.ts'

test('what is in flight or in doubt comes first, then the last commit first over the whole tree', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
  const late = await claim(store, run, { keys: [key(1)], undo: 'own' })
  const inFlight = await claim(store, run, { keys: [key(2)], undo: 'own' })
  const doubted = await claim(store, child, { keys: [key(3)], undo: 'own' })
  await commit(store, child, doubted, UNKNOWN)
  const assumed = await claim(store, run, { keys: [key(4)], undo: 'own' })
  await commit(store, run, assumed, ASSUMED)
  const refused = await claim(store, run, { keys: [key(5)], undo: 'own' })
  await commit(store, run, refused, NOT_APPLIED)
  const first = await act(store, run, { keys: [key(6)], group: 1 })
  const second = await act(store, child, { keys: [key(7)], group: 1 })
  await act(store, run, { keys: [key(8)], undo: 'none' })
  await commit(store, run, late)
  const steps = await store.readUndo(run.seq)
  expect(steps.map(({ effect }) => effect.id)).toEqual(
    [inFlight, assumed, doubted, late, second, first].map(({ id }) => id),
  )
  expect(steps.map(({ lease }) => lease?.expired ?? null)).toEqual([false, null, null, null, null, null])
  expect(steps.map(({ effect }) => effect.group)).toEqual([null, null, null, null, 1, 1])
  expect(await leftOf(store, child.seq)).toEqual([doubted.id, second.id])
})

test('an effect that was moved into a body of its own is around nothing', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const outer = await claim(store, run, { keys: [key(1)], undo: 'inner', byHand: true, argsHash: TERMS.argsHash })
  const inner = await claim(store, run, { keys: [key(2)], undo: 'own', parentEffect: outer.id })
  await store.requestApproval({ effect: outer.id, ...TERMS, at: AT })
  await store.decideApproval(deciding({ effect: { id: outer.id } }, 'approve'))
  const moved = { keys: [key(1)], undo: 'inner', parentEffect: inner.id, argsHash: TERMS.argsHash } as const
  await commit(store, run, await claim(store, run, moved))
  await commit(store, run, inner)
  const steps = await store.readUndo(run.seq)
  expect(steps.map(({ effect, coveredBy }) => [effect.id, coveredBy])).toEqual([
    [inner.id, outer.id],
    [outer.id, null],
  ])
})

test('what failed to be undone, and what somebody is at, keep their places', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const ids: number[] = []
  for (const byte of [1, 2, 3, 4]) ids.push((await act(store, run, { keys: [key(byte)] })).id)
  const ref = await fail(store, run)
  const [one, two, three, four] = ids as [number, number, number, number]
  await undo(store, ref, four)
  await undo(store, ref, three, NOT_UNDONE)
  await takeUndo(store, ref, two)
  const steps = await store.readUndo(run.seq)
  expect(steps.map(({ effect, lease }) => [effect.id, effect.status, lease === null])).toEqual([
    [three, 'compensation_failed', true],
    [two, 'compensating', false],
    [one, 'succeeded', true],
  ])
})

test('an effect of a scope is undone by the run that executed it', async () => {
  const store = openStore(temporaryFile())
  const [run, other] = [await openRun(store), await openRun(store, { id: 'other' })]
  const { id } = await act(store, run, { owner: { kind: 'scope', name: 'thread:1' } })
  expect(await leftOf(store, run.seq)).toEqual([id])
  expect(await leftOf(store, other.seq)).toEqual([])
})

test('a run that came from another tree keeps the order of its own commits, beside the others by their times', async () => {
  const store = openStore(temporaryFile())
  const actAt = async (run: RunRef, byte: number, at: number) => {
    const { id, epoch } = await claim(store, run, { keys: [key(byte)], undo: 'own' })
    await store.commitEffect({ run, id, epoch, outcome: SUCCEEDED, userCommit: null, at })
    return id
  }
  const alone = await openRun(store, { id: 'c' })
  // A clock that went back: within a tree the numbers of the commits count.
  const [one, two] = [await actAt(alone, 1, AT + 5), await actAt(alone, 2, AT + 4)]
  await store.closeRun(closing(alone, 'released'))
  const run = await openRun(store)
  const moved = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
  const three = await actAt(run, 3, AT + 6)
  const four = await actAt(moved, 4, AT + 7)
  const five = await actAt(run, 5, AT + 8)
  expect(await leftOf(store, run.seq)).toEqual([five, four, three, two, one])
})

test('the order is that of the commits, whatever the order of the claims', async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), async (commits) => {
      const store = openStore(':memory:')
      const run = await openRun(store)
      const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
      const runs = [run, child]
      const claims = await Promise.all(
        [0, 1, 2, 3, 4, 5].map((byte) => claim(store, runs[byte % 2] ?? run, { keys: [key(byte)], undo: 'own' })),
      )
      for (const index of commits) {
        const [claimed, owner] = [claims[index], runs[index % 2]]
        if (claimed && owner) await commit(store, owner, claimed, SUCCEEDED)
      }
      const order = (await store.readUndo(run.seq)).filter(({ effect }) => effect.status === 'succeeded')
      expect(order.map(({ effect }) => effect.id)).toEqual(commits.map((index) => claims[index]?.id).reverse())
    }),
    { numRuns: 30 },
  )
})
