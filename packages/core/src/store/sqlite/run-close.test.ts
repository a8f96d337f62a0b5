import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import { approved, ask } from './testing/approval-fixture.ts'
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

describe('closing a run', () => {
  test('goes through closing, where outcomes are recorded and nothing new starts', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run)
    expect(await store.closeRun(closing(run, 'closing'))).toEqual({ kind: 'closed', status: 'closing', ref: run })
    expect(await store.closeRun(closing(run, 'closing'))).toEqual({ kind: 'closed', status: 'closing', ref: run })
    expect(await commit(store, run, claimed)).toMatchObject({ kind: 'committed' })
    expect(await store.recordAnswers(run, [])).toEqual({ kind: 'recorded' })
    const closed = await store.closeRun(closing(run, 'completed', { output: '1', at: AT + 5 }))
    expect(closed).toEqual({ kind: 'closed', status: 'completed', ref: run })
    expect(await store.readRun('run-1')).toMatchObject({
      status: 'completed',
      output: '1',
      endedAt: AT + 5,
      dead: false,
    })
    expect(await kindsOf(store)).toEqual([
      'run-opened',
      'effect-claimed',
      'run-closing',
      'effect-succeeded',
      'run-closed',
    ])
  })

  test('is possible once', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.closeRun(closing(run, 'failed'))
    const again = await store.closeRun(closing(run, 'completed'))
    expect(again).toMatchObject({ kind: 'refused', reason: 'closed', status: 'failed' })
  })

  test('is possible for a halted run', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.haltRun({ run, error: '{}', at: AT })
    expect(await store.closeRun(closing(run, 'failed'))).toMatchObject({ kind: 'closed' })
  })

  test.each(['completed', 'failed'] as const)('cancels what is still asked in it and below (%s)', async (to) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    await ask(store, child)
    await approved(store, run, { keys: [key(2)] })
    await store.closeRun(closing(run, to))
    expect(await store.listApprovals({})).toMatchObject([
      { status: 'canceled', effect: { status: 'canceled' } },
      { status: 'canceled', effect: { status: 'canceled' } },
    ])
    expect((await kindsOf(store)).slice(-2)).toEqual(['approval-canceled', 'run-closed'])
    expect(await store.verify()).toEqual([])
  })

  test('leaves no question to the next attempt, which asks anew', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await ask(store, run)
    await store.closeRun(closing(run, 'failed'))
    const again = await openRun(store, { retry: true })
    expect(await ask(store, again)).toMatchObject({ status: 'pending', effect: { generation: 2 } })
    expect(await store.verify()).toEqual([])
  })

  test('says of one that failed whether its caller aborted it, also where nothing could be undone', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    expect(await store.closeRun(closing(run, 'compensating', { aborted: true }))).toMatchObject({ status: 'failed' })
    expect(await store.readRun('run-1')).toMatchObject({ status: 'failed', aborted: true })
    expect((await store.listEntries('run-1', 0, 9)).at(-1)).toMatchObject({
      body: '{"status":"failed","aborted":true}',
    })
    await store.closeRun(closing(await openRun(store, { retry: true }), 'failed'))
    expect(await store.readRun('run-1')).toMatchObject({ status: 'failed', aborted: false })
  })

  test('says when an output could not be kept', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.closeRun(closing(run, 'completed', { outputKept: false }))
    expect(await store.readRun('run-1')).toMatchObject({ outputKept: false, output: null })
  })

  test('makes what a dead execution left behind unknown, and leaves what is alive alone', async () => {
    const path = temporaryFile()
    const [mine, theirs] = [new ManualClock(), new ManualClock()]
    const [first, second] = [openProcess(path, mine), openProcess(path, theirs)]
    const run = await openRun(first)
    const left = await claim(first, run)
    const living = await claim(first, run, { keys: [Buffer.alloc(32, 2)], leaseMs: 100 * LEASE_MS })
    await theirs.advance(LEASE_MS + 1)
    const resumed = await openRun(second)
    await second.closeRun(closing(resumed, 'completed'))
    const statuses = new Map((await second.listEffects({})).map(({ id, status }) => [id, status]))
    expect(statuses.get(left.id)).toBe('unknown')
    expect(statuses.get(living.id)).toBe('processing')
    expect(await second.verify()).toEqual([])
    expect(await commit(first, run, living)).toMatchObject({ kind: 'evidence' })
    expect((await second.tail(null, 100)).entries).toHaveLength((await kindsOf(second)).length)
  })
})

describe('halting a run', () => {
  test('keeps the first halt of an attempt', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.haltRun({ run, error: '"first"', at: AT })
    expect(await store.haltRun({ run, error: '"second"', at: AT })).toEqual({ kind: 'halted' })
    expect(await store.readRun('run-1')).toMatchObject({ halt: '"first"', status: 'running' })
    expect(await kindsOf(store)).toEqual(['run-opened', 'run-halted'])
  })

  test('is refused to whoever lost the run', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.closeRun(closing(run, 'released'))
    await openRun(store)
    expect(await store.haltRun({ run, error: '{}', at: AT })).toMatchObject({ kind: 'refused', reason: 'fenced' })
  })
})

describe('canceling a run', () => {
  test('ends it at once and fences its owner', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const answer = await store.cancelRun({ id: 'run-1', error: '{"name":"RunCanceledError"}', at: AT })
    expect(answer).toMatchObject({ kind: 'canceled', run: { status: 'canceled', epoch: 2, endedAt: AT } })
    const refused = { kind: 'refused', reason: 'fenced', status: 'canceled' }
    expect(await store.claimEffect(claiming(run))).toMatchObject(refused)
    expect(await store.closeRun(closing(run, 'completed'))).toMatchObject(refused)
  })

  test('fences its children too', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    await store.cancelRun({ id: 'run-1', error: '{}', at: AT })
    expect(await store.claimEffect(claiming(child))).toMatchObject({ reason: 'fenced', runId: 'run-1' })
  })

  test('cancels what was asked in it and below', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const approval = { argsHash: key(9), reason: null, from: 'ledger', expiresAt: null } as const
    await store.claimEffect(claiming(child, { approval }))
    await store.closeRun(closing(run, 'waiting'))
    expect(await store.cancelRun({ id: 'run-1', error: '{}', at: AT })).toMatchObject({ kind: 'canceled' })
    expect(await store.listApprovals({})).toMatchObject([{ status: 'canceled', effect: { status: 'canceled' } }])
  })

  test('of one that has ended, or that nobody knows, says so', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.closeRun(closing(run, 'completed'))
    expect(await store.cancelRun({ id: 'run-1', error: '{}', at: AT })).toMatchObject({ kind: 'ended' })
    expect(await store.cancelRun({ id: 'other', error: '{}', at: AT })).toEqual({ kind: 'missing' })
  })
})

test('entries can be appended to a run that has ended, and to the ledger itself', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await store.closeRun(closing(run, 'completed'))
  const entries = [{ kind: 'unprotected', effect: null, body: '{"tool":"read"}', at: AT }] as const
  await store.append({ run, entries, unprotected: true })
  await store.append({ run: null, entries: [{ kind: 'note', effect: null, body: null, at: AT }], unprotected: false })
  expect(await kindsOf(store)).toEqual(['run-opened', 'run-closed', 'unprotected'])
  expect(await store.listEntries('ledger', 0, 10)).toMatchObject([{ stream: 'ledger', number: 1, kind: 'note' }])
  expect(await store.readRun('run-1')).toMatchObject({ unprotected: true })
  expect(await store.openRun(opening())).toMatchObject({ kind: 'ended' })
})
