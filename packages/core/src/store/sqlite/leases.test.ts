import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { Store } from '../store.ts'
import { connect } from './driver.ts'
import { kill, startChild } from './testing/child.ts'
import {
  AT,
  claim,
  claiming,
  closing,
  commit,
  LEASE_MS,
  MANY,
  opening,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
} from './testing/fixture.ts'

const HOLDER = new URL('./testing/hold-lease.ts', import.meta.url)

/** Another process that has opened the run and claimed an effect, and now does nothing. */
function holderProcess(path: string, leaseMs: string = `${LEASE_MS}`): Promise<ChildProcess> {
  return startChild('hold-lease.ts', path, leaseMs)
}

/** What the other process's row says of it; it was the first owner. */
function changeOwner(path: string, assignment: string): void {
  const database = connect(path, 1_000)
  database.exec(`UPDATE owner SET ${assignment} WHERE id = 1`)
  database.close()
}

async function isTaken(store: Store): Promise<boolean> {
  const opened = await store.openRun(opening())
  return opened.kind === 'running'
}

describe('a lease of another process', () => {
  test('holds while that process lives, and is free at once when it was killed', async () => {
    const path = temporaryFile()
    const holder = await holderProcess(path)
    const store = openStore(path)
    expect(await store.openRun(opening())).toMatchObject({ kind: 'running', lease: { expired: false } })
    await kill(holder)
    expect(await store.openRun(opening())).toMatchObject({ kind: 'opened', how: 'resumed' })
    const run = await openRun(store, { id: 'other' })
    expect(await store.claimEffect(claiming(run, { owner: { kind: 'scope', name: 'ledger' } }))).toMatchObject({
      kind: 'unknown',
    })
  })

  test('is not free at once if it was never to be taken over', async () => {
    const path = temporaryFile()
    const holder = await holderProcess(path, 'Infinity')
    const store = openStore(path)
    await kill(holder)
    expect(await isTaken(store)).toBe(true)
  })

  test('is free when its process id belongs to a process that started later', async () => {
    const path = temporaryFile()
    await holderProcess(path)
    const store = openStore(path)
    changeOwner(path, `started = '1/1'`)
    expect(await isTaken(store)).toBe(false)
  })

  test('is free when the machine was started anew since', async () => {
    const path = temporaryFile()
    await holderProcess(path)
    const store = openStore(path)
    changeOwner(path, `boot_id = 'an earlier boot', machine_id = 'other'`)
    expect(await isTaken(store)).toBe(true)
    const database = connect(path, 1_000)
    const own = database.prepare<{ machine_id: string | null }>('SELECT machine_id FROM owner WHERE id > 1').get()
    database.close()
    if (own?.machine_id == null) return
    changeOwner(path, `machine_id = '${own.machine_id}'`)
    expect(await isTaken(store)).toBe(false)
  })

  test.each([
    ['host', `host = 'elsewhere', pid = 999999`],
    ['container', `pid_namespace = 'pid:[1]', pid = 999999`],
  ])('of another %s is not judged by its process id', async (_, assignment) => {
    const path = temporaryFile()
    const holder = await holderProcess(path)
    const store = openStore(path)
    await kill(holder)
    changeOwner(path, assignment)
    expect(await isTaken(store)).toBe(true)
  })

  test('of another host is over when we have seen no renewal for its length', async () => {
    const path = temporaryFile()
    await holderProcess(path)
    const clock = new ManualClock()
    const store = openProcess(path, clock)
    changeOwner(path, `host = 'elsewhere', boot_id = 'another'`)
    expect(await isTaken(store)).toBe(true)
    await clock.advance(LEASE_MS - 1)
    expect(await isTaken(store)).toBe(true)
    changeOwner(path, 'beat = beat + 1000')
    await clock.advance(LEASE_MS - 1)
    expect(await isTaken(store)).toBe(true)
    await clock.advance(LEASE_MS)
    expect(await isTaken(store)).toBe(false)
  })
})

test('a lease of a worker thread is free at once when the thread has ended, although its process lives', async () => {
  const path = temporaryFile()
  const worker = new Worker(HOLDER, { argv: [path, `${LEASE_MS}`], stdout: true })
  await once(worker.stdout, 'data')
  const store = openStore(path)
  expect(await isTaken(store)).toBe(true)
  await worker.terminate()
  expect(await isTaken(store)).toBe(false)
})

describe('renewing leases', () => {
  test('keeps runs and effects of this process, whatever their number, by one row', async () => {
    const path = temporaryFile()
    const [mine, theirs] = [new ManualClock(), new ManualClock()]
    const [first, second] = [openProcess(path, mine), openProcess(path, theirs)]
    const run = await openRun(first)
    const claimed = await claim(first, run)
    await mine.advance(LEASE_MS - 1)
    const renewed = await first.renewLeases({ runs: [run], effects: [claimed] })
    expect(renewed).toEqual({ lostRuns: [], haltedRuns: [], lostEffects: [] })
    await theirs.advance(2 * LEASE_MS - 1)
    expect(await isTaken(second)).toBe(true)
    await theirs.advance(1)
    expect(await isTaken(second)).toBe(false)
  })

  test('tells what was lost, and what was halted elsewhere', async () => {
    const store = openStore(temporaryFile())
    const halted = await openRun(store, { id: 'halted' })
    const canceled = await openRun(store, { id: 'canceled' })
    const claimed = await claim(store, halted)
    await store.haltRun({ run: halted, error: '"stop"', at: AT })
    await store.cancelRun({ id: 'canceled', error: '{}', at: AT })
    await commit(store, halted, claimed)
    const gone = { seq: 99, epoch: 1 }
    expect(await store.renewLeases({ runs: [halted, canceled, gone], effects: [claimed] })).toEqual({
      lostRuns: [
        { seq: canceled.seq, epoch: 1, status: 'canceled' },
        { seq: 99, epoch: 1, status: 'canceled' },
      ],
      haltedRuns: [{ seq: halted.seq, epoch: 1, halt: '"stop"' }],
      lostEffects: [{ id: claimed.id, epoch: 1 }],
    })
  })

  test('is not needed by what was leased just now', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store, { leaseMs: Number.POSITIVE_INFINITY })
    await clock.advance(10 * LEASE_MS)
    await claim(store, run)
    await clock.advance(LEASE_MS)
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'busy', lease: { remainingMs: 1 } })
  })

  test('writes no entry', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.renewLeases({ runs: [run], effects: [] })
    expect((await store.tail(null, MANY)).entries).toHaveLength(1)
  })
})

test('a process whose first verb failed still holds what it takes afterwards', async () => {
  const path = temporaryFile()
  const [first, second] = [openProcess(path), openProcess(path)]
  await openRun(second, { id: 'other' })
  const nothing = { seq: 99, epoch: 1, rootSeq: 99, ancestors: [] }
  await expect(first.claimEffect(claiming(nothing))).rejects.toThrow(/no run 99/)
  await openRun(first)
  expect(await isTaken(second)).toBe(true)
})

test('a process that could not register tries again with its next verb', async () => {
  const path = temporaryFile()
  const [first, second] = [openProcess(path), openProcess(path)]
  await openRun(second, { id: 'other' })
  const database = connect(path, 1_000)
  database.exec(`CREATE TRIGGER no_owner BEFORE INSERT ON owner BEGIN SELECT raise(ABORT, 'not now'); END`)
  await expect(openRun(first)).rejects.toThrow('not now')
  database.exec('DROP TRIGGER no_owner')
  database.close()
  await openRun(first)
  expect(await isTaken(second)).toBe(true)
})

test('no jump of the wall clock takes a lease away', async () => {
  const clock = new ManualClock()
  const path = temporaryFile()
  const [first, second] = [openProcess(path, clock), openProcess(path, new ManualClock())]
  await openRun(first)
  clock.jumpWallClock(86_400_000)
  expect(await isTaken(second)).toBe(true)
  expect(await isTaken(first)).toBe(true)
})

test('another ledger of this thread is never taken for dead, even when it has closed the file', async () => {
  const path = temporaryFile()
  const clock = new ManualClock()
  const first = openProcess(path)
  const run = await openRun(first)
  await first.close()
  const second = openProcess(path, clock)
  expect(await isTaken(second)).toBe(true)
  await clock.advance(LEASE_MS + 1)
  expect(await isTaken(second)).toBe(false)
  expect(await second.closeRun(closing(run, 'failed'))).toMatchObject({ reason: 'fenced' })
})
