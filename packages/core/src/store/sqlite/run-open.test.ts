import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import {
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
} from './testing/fixture.ts'

describe('opening a run', () => {
  test('makes a new one, with all that it was opened with', async () => {
    const store = openStore(temporaryFile())
    const facts = { name: 'orders', thread: 't1', input: '{"order":42}', tags: ['vip', 'eu'] }
    const opened = await store.openRun(opening({ ...facts, inputHash: key(3) }))
    expect(opened).toMatchObject({
      kind: 'opened',
      how: 'new',
      run: { ...facts, id: 'run-1', status: 'running', attempt: 1, epoch: 1, dead: false, path: [], createdAt: AT },
      ref: { epoch: 1, ancestors: [] },
    })
    if (opened.kind === 'opened') expect(opened.ref.rootSeq).toBe(opened.ref.seq)
  })

  test('of a run that runs answers so, with its lease', async () => {
    const store = openStore(temporaryFile())
    await openRun(store)
    const answer = await store.openRun(opening())
    expect(answer).toMatchObject({ kind: 'running', lease: { expired: false } })
    if (answer.kind === 'running') expect(answer.lease.remainingMs).toBeGreaterThan(LEASE_MS - 10_000)
  })

  test('of a run that has ended answers its record', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.closeRun(closing(run, 'completed', { output: '"done"' }))
    expect(await store.openRun(opening())).toMatchObject({ kind: 'ended', run: { output: '"done"', dead: false } })
    expect(await store.openRun(opening({ retry: true }))).toMatchObject({ kind: 'ended', run: { status: 'completed' } })
  })

  test('resumes one whose lease is over, and fences whoever had it', async () => {
    const path = temporaryFile()
    const [mine, theirs] = [new ManualClock(), new ManualClock()]
    const [first, second] = [openProcess(path, mine), openProcess(path, theirs)]
    const run = await openRun(first)
    expect(await second.openRun(opening())).toMatchObject({ kind: 'running' })
    await theirs.advance(LEASE_MS + 1)
    expect(await second.openRun(opening())).toMatchObject({
      kind: 'opened',
      how: 'resumed',
      run: { epoch: 2, attempt: 1 },
    })
    expect(await first.claimEffect(claiming(run))).toMatchObject({ kind: 'refused', reason: 'fenced' })
    expect(await first.closeRun(closing(run, 'completed'))).toMatchObject({ kind: 'refused', reason: 'fenced' })
    expect(await kindsOf(second)).toEqual(['run-opened', 'run-resumed'])
  })

  test('resumes one that was closing when it died, and keeps a halt for its attempt', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store)
    await store.haltRun({ run, error: '{"name":"Loop"}', at: AT })
    await store.closeRun(closing(run, 'closing'))
    await clock.advance(LEASE_MS + 1)
    expect(await store.openRun(opening())).toMatchObject({
      how: 'resumed',
      run: { status: 'running', halt: '{"name":"Loop"}' },
    })
  })

  test('resumes a released one at once', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.closeRun(closing(run, 'released'))
    expect(await store.readRun('run-1')).toMatchObject({ status: 'running', dead: true })
    expect(await store.openRun(opening())).toMatchObject({ how: 'resumed', run: { epoch: 2 } })
  })

  test.each(['failed', 'canceled'] as const)('opens the next attempt of a %s one, cleared', async (status) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.haltRun({ run, error: '{}', at: AT })
    if (status === 'failed') await store.closeRun(closing(run, 'failed', { error: '{"name":"Oops"}' }))
    else await store.cancelRun({ id: 'run-1', error: '{"name":"Oops"}', at: AT })
    expect(await store.openRun(opening())).toMatchObject({ kind: 'ended', run: { status, error: '{"name":"Oops"}' } })
    expect(await store.openRun(opening({ retry: true }))).toMatchObject({
      how: 'retried',
      run: { status: 'running', attempt: 2, halt: null, error: null, endedAt: null, output: null },
    })
    expect((await kindsOf(store)).at(-1)).toBe('run-retried')
    expect(await store.verify()).toEqual([])
  })

  test('with another input is a conflict, and without one is not', async () => {
    const store = openStore(temporaryFile())
    await openRun(store, { inputHash: key(1) })
    expect(await store.openRun(opening({ inputHash: key(2) }))).toMatchObject({ kind: 'conflict', what: 'input' })
    expect(await store.openRun(opening({ inputHash: null }))).toMatchObject({ kind: 'running' })
    expect(await store.openRun(opening({ inputHash: key(1) }))).toMatchObject({ kind: 'running' })
  })
})

describe('a shared run', () => {
  test('is joined under one epoch, by any number of processes, and never dead', async () => {
    const path = temporaryFile()
    const clock = new ManualClock()
    const [first, second] = [openProcess(path), openProcess(path, clock)]
    const run = await openRun(first, { shared: true })
    await clock.advance(100 * LEASE_MS)
    const joined = await second.openRun(opening({ shared: true }))
    expect(joined).toMatchObject({ kind: 'opened', how: 'joined', ref: run, run: { dead: false, shared: true } })
    expect(await second.claimEffect(claiming(run))).toMatchObject({ kind: 'claimed' })
    expect(await first.claimEffect(claiming(run, { keys: [key(2)] }))).toMatchObject({ kind: 'claimed' })
  })

  test('is not what a run of one owner is', async () => {
    const store = openStore(temporaryFile())
    await openRun(store, { shared: true })
    await openRun(store, { id: 'alone' })
    expect(await store.openRun(opening())).toMatchObject({ kind: 'conflict', what: 'shared' })
    expect(await store.openRun(opening({ id: 'alone', shared: true }))).toMatchObject({
      kind: 'conflict',
      what: 'shared',
    })
  })
})

describe('a child run', () => {
  test('knows its parent, its lane and all its ancestors', async () => {
    const store = openStore(temporaryFile())
    const root = await openRun(store)
    const effect = await claim(store, root)
    const child = await openRun(store, { id: 'c', parent: { run: root, lane: 'body', effect: effect.id } })
    const grandchild = await openRun(store, { id: 'g', parent: { run: child, lane: 'root', effect: null } })
    expect(grandchild).toMatchObject({ rootSeq: root.seq })
    expect(grandchild.ancestors).toEqual([
      { seq: root.seq, epoch: 1 },
      { seq: child.seq, epoch: 1 },
    ])
    expect(await store.readRun('c')).toMatchObject({ parentId: 'run-1', parentLane: 'body', path: [root.seq] })
    expect(await store.listRuns({ parentSeq: root.seq })).toMatchObject([{ id: 'c' }])
  })

  test('is refused where its parent may start nothing', async () => {
    const store = openStore(temporaryFile())
    const root = await openRun(store)
    await store.haltRun({ run: root, error: '{}', at: AT })
    const child = opening({ id: 'c', parent: { run: root, lane: 'root', effect: null } })
    expect(await store.openRun(child)).toMatchObject({ kind: 'refused', reason: 'halted' })
  })

  test('of an execution that was replaced is resumed at once, although its process lives', async () => {
    const store = openStore(temporaryFile())
    const root = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run: root, lane: 'root', effect: null } })
    await store.closeRun(closing(root, 'released'))
    const next = await openRun(store)
    expect(await store.claimEffect(claiming(child))).toMatchObject({ reason: 'fenced' })
    expect(await store.closeRun(closing(child, 'completed'))).toMatchObject({ reason: 'fenced' })
    const again = opening({ id: 'c', parent: { run: next, lane: 'root', effect: null } })
    expect(await store.openRun(again)).toMatchObject({ how: 'resumed', ref: { epoch: 2, ancestors: [{ epoch: 2 }] } })
    expect(await store.openRun(again)).toMatchObject({ kind: 'running' })
    expect(await commit(store, next, await claim(store, next))).toMatchObject({ kind: 'committed' })
  })

  test('is opened alone, or in another parent, once the one that it was first opened in has ended', async () => {
    const store = openStore(temporaryFile())
    const first = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run: first, lane: 'root', effect: null } })
    await commit(store, child, await claim(store, child))
    await store.closeRun(closing(child, 'failed'))
    await store.closeRun(closing(first, 'failed'))
    const alone = await openRun(store, { id: 'c', retry: true })
    expect(alone).toMatchObject({ ancestors: [], rootSeq: first.seq })
    expect(await store.readRun('c')).toMatchObject({ parentId: null, parentLane: null, path: [] })
    expect(await commit(store, alone, await claim(store, alone, { keys: [key(2)] }))).toMatchObject({
      kind: 'committed',
    })
    await store.closeRun(closing(alone, 'released'))
    const second = await openRun(store, { id: 'run-2' })
    const within = await openRun(store, { id: 'c', parent: { run: second, lane: 'body', effect: null } })
    expect(within).toMatchObject({ ancestors: [{ seq: second.seq, epoch: 1 }], rootSeq: first.seq })
    expect(await store.readRun('c')).toMatchObject({ parentId: 'run-2', parentLane: 'body', path: [second.seq] })
    expect(await commit(store, within, await claim(store, within, { keys: [key(3)] }))).toMatchObject({
      kind: 'committed',
    })
    expect(await store.verify()).toEqual([])
  })

  test('does not take a run that it is itself in for a child of its own, however dead that is', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const root = await openRun(store)
    await store.closeRun(closing(root, 'released'))
    const child = await openRun(store, { id: 'c', parent: { run: root, lane: 'root', effect: null } })
    const again = opening({ parent: { run: child, lane: 'root', effect: null } })
    expect(await store.openRun(again)).toMatchObject({ kind: 'running' })
  })
})

test('what an opening says about the end of a run replaces only that of what was said before', async () => {
  const store = openStore(temporaryFile())
  const optionsNow = async () => JSON.parse((await store.readRun('run-1'))?.options ?? 'null')
  const run = await openRun(store)
  await store.closeRun(closing(run, 'released'))
  expect(await optionsNow()).toBeNull()
  await store.closeRun(closing(await openRun(store), 'released'))
  expect(await optionsNow()).toBeNull()
  await store.closeRun(closing(await openRun(store, { options: '{"onError":"keep"}' }), 'released'))
  const resumed = await openRun(store, { options: '{"onAbort":"compensate"}' })
  expect(await optionsNow()).toEqual({ onError: 'keep', onAbort: 'compensate' })
  await store.closeRun(closing(resumed, 'failed'))
  const again = await openRun(store, { retry: true, options: '{"onError":"compensate"}' })
  expect(await optionsNow()).toEqual({ onError: 'compensate', onAbort: 'compensate' })
  await store.closeRun(closing(again, 'failed'))
  await openRun(store, { retry: true })
  expect(await optionsNow()).toEqual({ onError: 'compensate', onAbort: 'compensate' })
})

test('a shared run that waits runs again for whoever joins it, and for those who have it', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store, { shared: true })
  await store.closeRun(closing(run, 'waiting'))
  expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'refused', reason: 'closed' })
  const { cursor } = await store.tail(null, 100)
  const joined = await store.openRun(opening({ shared: true }))
  expect(joined).toMatchObject({ kind: 'opened', how: 'joined', run: { status: 'running', epoch: 1 }, ref: run })
  expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'claimed' })
  await openRun(store, { shared: true })
  expect(await kindsOf(store)).toEqual(['run-opened', 'run-waiting', 'run-resumed', 'effect-claimed'])
  expect((await store.tail(cursor, 100)).entries).toHaveLength(2)
})
