import { describe, expect, test } from 'vitest'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { openRun, openStore, temporaryFile } from './testing/fixture.ts'
import {
  asking,
  budget,
  CHARGED,
  hold,
  limit,
  openHold,
  periodSums,
  setLimits,
  settleHold,
  spend,
  spent,
  UNSENT,
} from './testing/money-fixture.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** The beginning of a bucket: an hour has sixty of a minute. */
const START = Date.UTC(2026, 5, 9, 12)
const HOURLY = { rollingMs: HOUR } as const

async function limited(nano = 10): Promise<{ store: Store; run: RunRef }> {
  const store = openStore(temporaryFile())
  await setLimits(store, { ledger: [budget(nano, { window: HOURLY })] })
  return { store, run: await openRun(store) }
}

function bucketsOf(store: Store): readonly unknown[] {
  const { database } = store.identity as Connection
  const sql = 'SELECT (starts_at - ?) / 60000 AS minute, spent_nano, calls FROM scope_bucket ORDER BY starts_at'
  return database.prepare(sql).all(START)
}

describe('a rolling limit', () => {
  test('has room again when the sixtieth that something was spent in is out, and not before', async () => {
    const { store, run } = await limited()
    await spend(store, run, 6, START + 1)
    await spend(store, run, 4, START + 5 * MINUTE)
    const first = START + HOUR + MINUTE - 1
    const refusal = { kind: 'limited', spent: 10, requested: 1, waitingHelps: false, resetsAt: first }
    expect(await openHold(store, run, asking(1), first - 1)).toMatchObject(refusal)
    expect(await openHold(store, run, asking(7), first)).toMatchObject({ spent: 4, resetsAt: first + 5 * MINUTE })
    await spend(store, run, 6, first)
    expect(await periodSums(store, 'ledger', first)).toEqual([10, 0])
    expect(await store.verify()).toEqual([])
  })

  test('counts what is held however old it is, and what it came to from its settlement on', async () => {
    const { store, run } = await limited()
    const id = await hold(store, run, 8, START)
    const later = START + 5 * HOUR
    expect(await openHold(store, run, asking(3), later)).toMatchObject({ spent: 0, held: 8, waitingHelps: true })
    await settleHold(store, id, spent(7), later)
    expect(await periodSums(store, 'ledger', later)).toEqual([7, 0])
    expect(await periodSums(store, 'ledger', later + HOUR)).toEqual([7, 0])
    expect(await periodSums(store, 'ledger', later + HOUR + MINUTE)).toEqual([0, 0])
    expect(bucketsOf(store)).toEqual([{ minute: 300, spent_nano: 7, calls: 0 }])
  })

  test('says that nothing comes free by itself where all of it is held', async () => {
    const { store, run } = await limited()
    await hold(store, run, 8, START)
    expect(await openHold(store, run, asking(3), START)).toMatchObject({ waitingHelps: true, resetsAt: null })
  })

  test('set later counts what was settled within its window, also of holds that are older than it', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const old = await hold(store, run, 3, START - 10 * HOUR)
    await spend(store, run, 50, START - HOUR - MINUTE)
    await spend(store, run, 2, START - 59 * MINUTE)
    await settleHold(store, old, spent(3), START - 1)
    await hold(store, run, 1, START - 9 * HOUR)
    await setLimits(store, { ledger: [budget(10, { window: HOURLY })] })
    const expected = { spentNano: 5, heldNano: 1, calls: 1, endsAt: START + 2 * MINUTE - 1 }
    expect((await store.readUsage('ledger', START))?.limits).toMatchObject([expected])
    expect(await openHold(store, run, asking(5), START)).toMatchObject({ spent: 5, held: 1 })
    expect((await store.readUsage('ledger', START))?.limits).toMatchObject([expected])
    expect(bucketsOf(store)).toEqual([
      { minute: -59, spent_nano: 2, calls: 1 },
      { minute: -1, spent_nano: 3, calls: 0 },
    ])
    expect(await store.verify()).toEqual([])
  })

  test('moves what a correction changes from the time of the charge to now', async () => {
    const { store, run } = await limited()
    const id = await hold(store, run, 8, START)
    await settleHold(store, id, CHARGED, START)
    await settleHold(store, id, spent(3), START + 30 * MINUTE)
    expect(await periodSums(store, 'ledger', START + 30 * MINUTE)).toEqual([3, 0])
    expect(await periodSums(store, 'ledger', START + HOUR + 29 * MINUTE)).toEqual([3, 0])
    expect(await store.verify()).toEqual([])
  })

  test('takes nothing back of a charge that is out', async () => {
    const { store, run } = await limited()
    const id = await hold(store, run, 8, START)
    await settleHold(store, id, CHARGED, START)
    const later = START + 2 * HOUR
    await spend(store, run, 1, later)
    await settleHold(store, id, spent(3), later)
    expect(await periodSums(store, 'ledger', later)).toEqual([4, 0])
    expect(await store.verify()).toEqual([])
  })

  test('on calls counts each in the sixtieth of its admission, until it turns out to be none', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { ledger: [limit({ calls: 2, window: HOURLY })] })
    const run = await openRun(store)
    const [first] = [await hold(store, run, 1, START), await hold(store, run, 1, START + MINUTE)]
    expect(await openHold(store, run, asking(0), START + 2 * MINUTE)).toMatchObject({
      ...{ what: 'calls', limit: 2, spent: 2, requested: 1, waitingHelps: false, resetsAt: START + HOUR + MINUTE - 1 },
    })
    await settleHold(store, first, UNSENT, START + 2 * MINUTE)
    await hold(store, run, 1, START + 2 * MINUTE)
    expect(await openHold(store, run, asking(0), START + HOUR + MINUTE)).toMatchObject({ spent: 2 })
    expect(await openHold(store, run, asking(0), START + HOUR + 2 * MINUTE)).toMatchObject({ kind: 'held' })
    expect(await store.verify()).toEqual([])
  })

  test('counts a call again whose release is corrected, unless its time is out', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { ledger: [limit({ calls: 5, window: HOURLY })] })
    const run = await openRun(store)
    const ids = [await hold(store, run, 1, START), await hold(store, run, 1, START)]
    for (const id of ids) await settleHold(store, id, UNSENT, START)
    const calls = async (at: number) => (await store.readUsage('ledger', at))?.limits[0]?.calls
    await settleHold(store, ids[0] as number, spent(1), START + MINUTE)
    expect(await calls(START + MINUTE)).toBe(1)
    await settleHold(store, ids[1] as number, spent(1), START + 2 * HOUR)
    expect(await calls(START + 2 * HOUR)).toBe(0)
    expect(await store.verify()).toEqual([])
  })

  test('stays whole when the clock is set back', async () => {
    const { store, run } = await limited()
    const id = await hold(store, run, 5, START)
    await settleHold(store, id, CHARGED, START)
    await spend(store, run, 1, START + 3 * HOUR)
    await spend(store, run, 2, START)
    // The charge was out before the clock went back, and what is in its place now is not its.
    await settleHold(store, id, spent(4), START)
    expect(await periodSums(store, 'ledger', START)).toEqual([7, 0])
    expect(await store.verify()).toEqual([])
  })

  test('keeps no more than sixty-one buckets', async () => {
    const { store, run } = await limited(1_000)
    for (let minute = 0; minute < 150; minute++) await spend(store, run, 1, START + minute * MINUTE)
    expect(bucketsOf(store)).toHaveLength(61)
    expect(await periodSums(store, 'ledger', START + 149 * MINUTE)).toEqual([61, 0])
  })
})
