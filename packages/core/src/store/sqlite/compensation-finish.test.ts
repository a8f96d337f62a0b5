import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
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
  opening,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'
import { act, fail, finishUndo, leftOf, NOT_UNDONE, openUndo, undo } from './testing/undoing.ts'

describe('the end of a compensation', () => {
  test('is compensated when nothing is left, for the runs below too', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const open = await openRun(store, { id: 'open', parent: { run, lane: 'root', effect: null } })
    const [one, two] = [await act(store, run), await act(store, child)]
    await store.closeRun(closing(child, 'completed', { output: '1' }))
    const ref = await fail(store, run)
    await undo(store, ref, two.id)
    await undo(store, ref, one.id)
    const finished = await finishUndo(store, ref)
    expect(finished).toMatchObject({ kind: 'finished', run: { status: 'compensated', endedAt: AT + 2 } })
    expect(await store.readRun('c')).toMatchObject({ status: 'compensated', epoch: 2, endedAt: AT })
    expect(await store.readRun('open')).toMatchObject({ status: 'compensated', epoch: 2, endedAt: AT + 2, dead: false })
    expect((await kindsOf(store, 'open')).at(-1)).toBe('run-closed')
    expect((await store.listEntries('c', 0, 100)).at(-1)).toMatchObject({ body: '{"status":"compensated"}' })
    expect(await store.recordAnswers(open, [])).toMatchObject({ kind: 'refused', reason: 'fenced' })
    expect(await finishUndo(store, ref)).toMatchObject({ kind: 'refused', reason: 'closed' })
    expect(await store.verify()).toEqual([])
  })

  test.each([
    ['a compensation failed', NOT_UNDONE],
    ['nobody knows an outcome', UNKNOWN],
  ])('is compensation_failed when %s, and may be begun once more', async (_, left) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const [one, two] = [await act(store, run), await claim(store, child, { undo: 'own' })]
    await commit(store, child, two, left === UNKNOWN ? UNKNOWN : undefined)
    const ref = await fail(store, run)
    if (left !== UNKNOWN) await undo(store, ref, two.id, NOT_UNDONE)
    await undo(store, ref, one.id)
    expect(await finishUndo(store, ref)).toMatchObject({ run: { status: 'compensation_failed', endedAt: AT + 2 } })
    expect(await store.readRun('c')).toMatchObject({ status: 'compensation_failed' })
    expect(await store.openRun(opening({ retry: true }))).toMatchObject({ kind: 'ended' })
    expect(await store.verify()).toEqual([])

    const again = await openUndo(store)
    expect(await leftOf(store, run.seq)).toEqual([two.id])
    if (left === UNKNOWN) {
      const unknown = { id: two.id, epoch: two.epoch, by: 'human', note: null, at: AT } as const
      await store.resolveEffect({ ...unknown, resolution: { kind: 'not_applied' } })
    } else await undo(store, again, two.id)
    expect(await finishUndo(store, again)).toMatchObject({ run: { status: 'compensated' } })
    expect(await store.readRun('c')).toMatchObject({ status: 'compensated' })
    expect(await store.verify()).toEqual([])
  })

  test('is compensation_failed when only the caller knows that something is left', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, { undo: 'own' }), ASSUMED)
    const ref = await fail(store, run)
    expect(await finishUndo(store, ref, true)).toMatchObject({ run: { status: 'compensation_failed' } })
    expect(await finishUndo(store, await openUndo(store))).toMatchObject({ run: { status: 'compensated' } })
  })

  test('leaves what a run below undid by itself as it is', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const inner = await act(store, child)
    const own = await fail(store, child)
    await undo(store, own, inner.id)
    await finishUndo(store, own)
    const outer = await act(store, run)
    const ref = await fail(store, run)
    expect(await leftOf(store, run.seq)).toEqual([outer.id])
    await undo(store, ref, outer.id, NOT_UNDONE)
    await finishUndo(store, ref)
    expect(await store.readRun('c')).toMatchObject({ status: 'compensated', epoch: 2 })
  })

  test('waits for nobody, and leaves what is in flight to a later sweep', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await act(store, run)
    const inFlight = await claim(store, run, { keys: [key(2)], undo: 'own' })
    const ref = await fail(store, run)
    await undo(store, ref, id)
    expect(await finishUndo(store, ref)).toMatchObject({ run: { status: 'compensation_failed' } })
    expect(await store.verify()).toEqual([])
    expect(await commit(store, run, inFlight)).toMatchObject({ kind: 'evidence' })
    expect(await leftOf(store, run.seq)).toEqual([inFlight.id])
  })
})

describe('a run that is retried after its compensation', () => {
  test('starts new generations', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await act(store, run)
    const ref = await fail(store, run, { aborted: true })
    await undo(store, ref, id)
    await finishUndo(store, ref)
    const again = await openRun(store, { retry: true })
    expect(await store.readRun('run-1')).toMatchObject({ status: 'running', attempt: 2, aborted: false, error: null })
    const claimed = await claim(store, again, { undo: 'own' })
    expect(claimed).toMatchObject({ generation: 2, attempt: 1 })
    await commit(store, again, claimed)
    expect(await leftOf(store, run.seq)).toEqual([claimed.id])
    expect(await store.verify()).toEqual([])
  })

  test('leaves what it undid to other runs that share the key, as a new generation', async () => {
    const store = openStore(temporaryFile())
    const owner = { kind: 'scope', name: 'thread:1' } as const
    const run = await openRun(store)
    const { id } = await act(store, run, { owner })
    const ref = await fail(store, run)
    await undo(store, ref, id)
    await finishUndo(store, ref)
    const other = await openRun(store, { id: 'other' })
    expect(await store.claimEffect(claiming(other, { owner }))).toMatchObject({ kind: 'claimed', generation: 2 })
    expect(await store.verify()).toEqual([])
  })
})

test('a compensation that nobody lets act any more can still be let go of', async () => {
  const path = temporaryFile()
  const theirs = new ManualClock()
  const [first, second] = [openProcess(path), openProcess(path, theirs)]
  const run = await openRun(first)
  const child = await openRun(first, { id: 'c', parent: { run, lane: 'root', effect: null } })
  await act(first, child)
  const ref = await fail(first, child)
  await theirs.advance(LEASE_MS + 1)
  const resumed = await openRun(second)
  const fenced = { kind: 'refused', reason: 'fenced', runId: 'run-1' }
  expect(await finishUndo(first, ref)).toMatchObject(fenced)
  const released = await first.finishCompensation({ run: ref, to: 'released', listed: false, at: AT })
  expect(released).toMatchObject({ kind: 'finished', run: { status: 'compensating', dead: true } })
  await openUndo(second, { id: 'c', which: 'dead', within: resumed })
  const late = await first.finishCompensation({ run: ref, to: 'released', listed: false, at: AT })
  expect(late).toMatchObject({ kind: 'refused', reason: 'fenced', runId: 'c' })
  expect(await second.readRun('c')).toMatchObject({ dead: false })
})
