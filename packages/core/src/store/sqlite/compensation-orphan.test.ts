import { expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import { AT, key, LEASE_MS, openProcess, openRun, temporaryFile } from './testing/fixture.ts'
import { act, claimUndo, commitUndo, fail, finishUndo, openUndo, undo, undoing } from './testing/undoing.ts'

test('whoever undoes a run for an execution of its parent that was replaced is taken over, however alive', async () => {
  const path = temporaryFile()
  const theirs = new ManualClock()
  const [first, second] = [openProcess(path), openProcess(path, theirs)]
  const endless = { leaseMs: Number.POSITIVE_INFINITY }
  const run = await openRun(first)
  const child = await openRun(first, { id: 'c', parent: { run, lane: 'root', effect: null }, ...endless })
  const [one, two] = [await act(first, child), await act(first, child, { keys: [key(2)] })]
  const ref = await fail(first, child)
  const held = await first.claimCompensation({ run: ref, effect: two, ...endless, at: AT })
  if (held.kind !== 'claimed') throw new Error(`Not claimed: ${held.kind}`)
  await theirs.advance(LEASE_MS + 1)
  const resumed = await openRun(second)
  const left = { id: 'c', which: 'dead' } as const
  expect(await second.openCompensation(undoing(left))).toMatchObject({ kind: 'running', run: { id: 'c' } })
  expect(await second.openCompensation(undoing({ ...left, within: run }))).toMatchObject({ kind: 'running' })
  const taken = await openUndo(second, { ...left, within: resumed, ...endless })
  expect(await claimUndo(first, ref, one.id)).toMatchObject({ kind: 'refused', reason: 'fenced', runId: 'c' })
  expect(await claimUndo(second, taken, two.id)).toMatchObject({ kind: 'busy' })
  // It has the place of this execution now: a second one of it is no reason to take it over again.
  expect(await second.openCompensation(undoing({ ...left, within: resumed }))).toMatchObject({ kind: 'running' })
  await commitUndo(first, held)
  await undo(second, taken, one.id)
  expect(await finishUndo(second, taken)).toMatchObject({ run: { status: 'compensated' } })
  expect(await second.verify()).toEqual([])
})
