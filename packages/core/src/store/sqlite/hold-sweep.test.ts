import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { kill, startChild } from './testing/child.ts'
import {
  AT,
  closing,
  kindsOf,
  LEASE_MS,
  MANY,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
} from './testing/fixture.ts'
import {
  asking,
  budget,
  calling,
  hold,
  openHold,
  setLimits,
  settleHold,
  spend,
  spent,
  sums,
} from './testing/money-fixture.ts'

/** Limit 10, a hold of 8 of another process, and that process falls silent. */
async function abandoned(
  leaseMs = LEASE_MS,
): Promise<{ store: Store; other: Store; run: RunRef; id: number; clock: ManualClock }> {
  const path = temporaryFile()
  const clock = new ManualClock()
  const other = openProcess(path)
  const store = openProcess(path, clock)
  await setLimits(store, { ledger: [budget(10)] })
  const abandonedRun = await openRun(other, { id: 'other', leaseMs })
  const id = await hold(other, abandonedRun, 8)
  return { store, other, run: await openRun(store), id, clock }
}

describe('the hold of a process that is gone', () => {
  test('keeps a second one from fitting, before it is charged and after', async () => {
    const { store, run, clock } = await abandoned()
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 0, held: 8, waitingHelps: true })
    await clock.advance(LEASE_MS + 1)
    expect(await sums(store, 'ledger')).toEqual([0, 8])
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 8, held: 0, waitingHelps: false })
    expect(await sums(store, 'ledger')).toEqual([8, 0])
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 8, held: 0, waitingHelps: false })
    expect(await store.expireHolds(AT)).toEqual({ charged: 0 })
    expect(await openHold(store, run, asking(2))).toMatchObject({ kind: 'held' })
    expect(await store.verify()).toEqual([])
  })

  test('is charged by the refusal that it would cause, once the process was killed', async () => {
    const path = temporaryFile()
    const child = await startChild('hold-money.ts', path)
    await kill(child)
    const store = openStore(path)
    const run = await openRun(store, { shared: true })
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 8, held: 0, waitingHelps: false })
    expect(await kindsOf(store)).toEqual(['run-opened', 'limits-set', 'hold-opened', 'hold-charged'])
    expect(await store.verify()).toEqual([])
  })

  test('is found within a second where the process was killed after it was seen alive', async () => {
    const path = temporaryFile()
    const child = await startChild('hold-money.ts', path)
    const clock = new ManualClock()
    const store = openProcess(path, clock)
    const run = await openRun(store, { shared: true })
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 0, held: 8, waitingHelps: true })
    await kill(child)
    await clock.advance(999)
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 0, held: 8, waitingHelps: true })
    await clock.advance(1)
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 8, held: 0, waitingHelps: false })
    expect(await store.verify()).toEqual([])
  })

  test('is found when its lease is over, however short a while after others were seen alive', async () => {
    const { store, run, clock } = await abandoned()
    await clock.advance(LEASE_MS - 10)
    expect(await openHold(store, run, asking(8))).toMatchObject({ held: 8, waitingHelps: true })
    await clock.advance(11)
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 8, held: 0, waitingHelps: false })
  })

  test('is found at once by a recovery, whatever a refusal has seen', async () => {
    const path = temporaryFile()
    const child = await startChild('hold-money.ts', path)
    const store = openProcess(path, new ManualClock())
    const run = await openRun(store, { shared: true })
    expect(await openHold(store, run, asking(8))).toMatchObject({ held: 8 })
    await kill(child)
    expect(await store.expireHolds(AT)).toEqual({ charged: 1 })
  })

  test('is not looked at by what fits all the same', async () => {
    const { store, run, clock } = await abandoned()
    await clock.advance(LEASE_MS + 1)
    await spend(store, run, 2)
    expect(await sums(store, 'ledger')).toEqual([2, 8])
    expect(await store.expireHolds(AT)).toEqual({ charged: 1 })
    expect(await sums(store, 'ledger')).toEqual([10, 0])
  })

  test('is corrected by its owner, if that was only slow', async () => {
    const { store, other, id, clock } = await abandoned()
    await clock.advance(LEASE_MS + 1)
    expect(await store.expireHolds(AT)).toEqual({ charged: 1 })
    expect(await settleHold(other, id, spent(3))).toMatchObject({ nano: 3, corrected: true })
    expect(await sums(store, 'ledger')).toEqual([3, 0])
    const entries = await store.listEntries('other', 0, MANY)
    expect(entries.map(({ kind, body }) => [kind, JSON.parse(body ?? '{}')]).slice(-2)).toEqual([
      ['hold-charged', { hold: id, label: 'gpt-5', nano: 8, tokens: 0 }],
      ['hold-corrected', { hold: id, nano: 3, tokens: 0, before: { nano: 8, tokens: 0 } }],
    ])
    expect(await store.verify()).toEqual([])
  })

  test('is told of to readers of all streams, also where its run has ended', async () => {
    const { store, other, clock } = await abandoned()
    const ended = await openRun(other, { id: 'ended' })
    await hold(other, ended, 1)
    await store.expireHolds(AT)
    await other.closeRun(closing(ended, 'completed'))
    const { cursor } = await store.tail(null, MANY)
    await clock.advance(LEASE_MS + 1)
    expect(await store.expireHolds(AT)).toEqual({ charged: 2 })
    const { entries } = await store.tail(cursor, MANY)
    expect(entries.map(({ stream, kind }) => `${stream} ${kind}`).toSorted()).toEqual([
      'ended hold-charged',
      'other hold-charged',
    ])
  })
})

describe('a hold is not charged', () => {
  test('as long as its process renews its lease, and until a lease after that', async () => {
    const path = temporaryFile()
    const [clock, otherClock] = [new ManualClock(), new ManualClock()]
    const [store, other] = [openProcess(path, clock), openProcess(path, otherClock)]
    await hold(other, await openRun(other), 8)
    await otherClock.advance(LEASE_MS / 2)
    await other.renewLeases({ runs: [], effects: [] })
    await clock.advance(LEASE_MS + LEASE_MS / 2)
    expect(await store.expireHolds(AT)).toEqual({ charged: 0 })
    await clock.advance(1)
    expect(await store.expireHolds(AT)).toEqual({ charged: 1 })
  })

  test('before the lease of its run is over, however long that is', async () => {
    const { store, clock } = await abandoned(10 * LEASE_MS)
    await clock.advance(10 * LEASE_MS)
    expect(await store.expireHolds(AT)).toEqual({ charged: 0 })
    await clock.advance(1)
    expect(await store.expireHolds(AT)).toEqual({ charged: 1 })
  })

  test('by its own process, whatever the time', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store, { limits: [budget(10)] })
    await hold(store, run, 8)
    await clock.advance(100 * LEASE_MS)
    expect(await store.expireHolds(AT)).toEqual({ charged: 0 })
    expect(await openHold(store, run, asking(8))).toMatchObject({ held: 8, waitingHelps: true })
  })

  test('with others of its process that are older', async () => {
    const path = temporaryFile()
    const [clock, otherClock] = [new ManualClock(), new ManualClock()]
    const [store, other] = [openProcess(path, clock), openProcess(path, otherClock)]
    const run = await openRun(other, { shared: true })
    await hold(other, run, 1)
    await otherClock.advance(LEASE_MS / 2)
    await hold(other, run, 2)
    await openRun(store, { shared: true })
    await clock.advance(LEASE_MS + 1)
    expect(await store.expireHolds(AT)).toEqual({ charged: 1 })
    expect(await sums(store, 'ledger')).toEqual([1, 2])
    expect(await store.verify()).toEqual([])
  })
})

test('a run that is taken over has its lost holds charged, and its calls lost', async () => {
  const path = temporaryFile()
  const clock = new ManualClock()
  const [other, store] = [openProcess(path), openProcess(path, clock)]
  const lost = await openRun(other, { limits: [budget(10)] })
  const call = await other.reserve(calling(lost, asking(8)))
  if (call.kind !== 'held') throw new Error(call.kind)
  await openRun(store, { id: 'warm' })
  await clock.advance(LEASE_MS + 1)
  const run = await openRun(store)
  expect(await sums(store, 'run:run-1')).toEqual([8, 0])
  const outcome = { kind: 'succeeded', response: '{}' } as const
  const settled = await other.settle({ id: call.id, outcome, usage: null, cost: spent(3), externalId: null, at: AT })
  expect(settled).toMatchObject({ kind: 'settled', hold: { nano: 3, corrected: true } })
  expect(await openHold(store, run, asking(7))).toMatchObject({ kind: 'held' })
  expect(await store.verify()).toEqual([])
})
