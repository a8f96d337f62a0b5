import { describe, expect, test } from 'vitest'
import type { LimitTerms, LimitWindow } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { openProcess, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import {
  asking,
  budget,
  CHARGED,
  hold,
  openHold,
  periodSums,
  setLimits,
  settleHold,
  spend,
  spent,
  sums,
  UNSENT,
} from './testing/money-fixture.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const BERLIN = { every: 'day', timeZone: 'Europe/Berlin' } as const

/** A run under limits on the ledger, which everything counts on. */
async function limited(...terms: readonly LimitTerms[]): Promise<{ store: Store; run: RunRef }> {
  const store = openStore(temporaryFile())
  await setLimits(store, { ledger: terms })
  return { store, run: await openRun(store) }
}

function over(window: LimitWindow, nano = 10): LimitTerms {
  return budget(nano, { window })
}

/** Whether one more fits. */
async function fits(store: Store, run: RunRef, nano: number, at: number): Promise<boolean> {
  const held = await openHold(store, run, asking(nano), at)
  if (held.kind === 'held') await settleHold(store, held.hold, UNSENT, at)
  return held.kind === 'held'
}

describe('a day of a time zone', () => {
  test.each([
    ['of 24 hours', Date.UTC(2026, 5, 9, 22), 24],
    ['of 23 hours, when the clocks go forward', Date.UTC(2026, 2, 28, 23), 23],
    ['of 25 hours, when they go back', Date.UTC(2026, 9, 24, 22), 25],
  ])('%s ends at its midnight', async (_, midnight, hours) => {
    const { store, run } = await limited(over(BERLIN))
    await spend(store, run, 10, midnight)
    const next = midnight + hours * HOUR
    expect(await openHold(store, run, asking(1), next - 1)).toMatchObject({
      ...{ kind: 'limited', what: 'budget', scope: 'ledger', spent: 10, held: 0, requested: 1, resetsAt: next },
    })
    expect(await fits(store, run, 10, next)).toBe(true)
    expect(await store.verify()).toEqual([])
  })

  test('has what was admitted in it, also if it settles after midnight', async () => {
    const { store, run } = await limited(over(BERLIN))
    const midnight = Date.UTC(2026, 5, 9, 22)
    const id = await hold(store, run, 8, midnight - 1)
    expect(await periodSums(store, 'ledger', midnight)).toEqual([0, 0])
    await settleHold(store, id, spent(7), midnight + HOUR)
    expect(await periodSums(store, 'ledger', midnight + HOUR)).toEqual([0, 0])
    expect(await periodSums(store, 'ledger', midnight - 1)).toEqual([7, 0])
    expect(await store.verify()).toEqual([])
  })

  test('that the clock is set back to goes on where it was', async () => {
    const { store, run } = await limited(over(BERLIN))
    const midnight = Date.UTC(2026, 5, 9, 22)
    await spend(store, run, 8, midnight - 1)
    await spend(store, run, 3, midnight)
    expect(await fits(store, run, 3, midnight - 1)).toBe(false)
    expect(await fits(store, run, 2, midnight - 1)).toBe(true)
    expect(await periodSums(store, 'ledger', midnight)).toEqual([3, 0])
  })
})

test.each([
  ['week', Date.UTC(2026, 5, 14, 22), 7 * DAY],
  ['month', Date.UTC(2026, 4, 31, 22), 30 * DAY],
] as const)('a %s begins on its first day', async (every, start, length) => {
  const { store, run } = await limited(over({ every, timeZone: 'Europe/Berlin' }))
  await spend(store, run, 6, start - 1)
  await spend(store, run, 9, start)
  expect(await fits(store, run, 2, start + length - 1)).toBe(false)
  expect(await fits(store, run, 2, start + length)).toBe(true)
})

describe('a counter', () => {
  test('is made from the holds when a limit first asks for it: the open ones and the others', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const at = Date.UTC(2026, 5, 9, 12)
    await spend(store, run, 100, at - DAY)
    await spend(store, run, 3, at - 1)
    await settleHold(store, await hold(store, run, 2, at - 1), CHARGED, at)
    await settleHold(store, await hold(store, run, 50, at - 1), UNSENT, at)
    const open = await hold(store, run, 4, at)
    await setLimits(store, { ledger: [over(BERLIN)], 'run:*': [budget(200)] })
    expect(await openHold(store, run, asking(2), at)).toMatchObject({ kind: 'limited', spent: 5, held: 4 })
    expect(await fits(store, run, 1, at)).toBe(true)
    expect(await sums(store, 'ledger', at)).toEqual([105, 4])
    expect(await store.readUsage('ledger', at)).toMatchObject({ calls: 4, limits: [{ calls: 3 }] })
    await settleHold(store, open, spent(4), at)
    expect(await periodSums(store, 'run:run-1', at)).toEqual([109, 0])
    expect(await store.verify()).toEqual([])
  })

  test('goes on counting while its limit is away', async () => {
    const { store, run } = await limited(over(BERLIN))
    const at = Date.UTC(2026, 5, 9, 12)
    const id = await hold(store, run, 4, at)
    await setLimits(store, { ledger: [] })
    await spend(store, run, 5, at)
    await settleHold(store, id, spent(3), at)
    await setLimits(store, { ledger: [over(BERLIN)] })
    expect(await periodSums(store, 'ledger', at)).toEqual([8, 0])
    expect(await fits(store, run, 3, at)).toBe(false)
    expect(await store.verify()).toEqual([])
  })

  test('is one for all limits over the same span, and keeps what was spent when one of them changes', async () => {
    const { store, run } = await limited(over(null), over(null, 6), over(BERLIN, 8))
    const at = Date.UTC(2026, 5, 9, 12)
    await spend(store, run, 5, at)
    const { database } = store.identity as Connection
    const spans = database.prepare<{ span: string }>('SELECT span FROM scope_period ORDER BY span').all()
    expect(spans).toEqual([{ span: '' }, { span: 'day Europe/Berlin' }])
    expect(await fits(store, run, 2, at)).toBe(false)
    await setLimits(store, { ledger: [over(null), over(BERLIN, 8)] })
    expect(await fits(store, run, 2, at)).toBe(true)
    expect(await fits(store, run, 4, at)).toBe(false)
    expect(await fits(store, run, 4, at + DAY)).toBe(true)
  })

  test('that one process made is kept by the other, which remembers that there was none', async () => {
    const path = temporaryFile()
    const [one, other] = [openProcess(path), openProcess(path)]
    const run = await openRun(one, { shared: true })
    const at = Date.UTC(2026, 5, 9, 12)
    const id = await hold(other, run, 4, at)
    await setLimits(one, { ledger: [over(BERLIN)] })
    // The other one looks at the limits of this version before there is a counter.
    await settleHold(other, await hold(other, run, 0, at - DAY), UNSENT, at - DAY)
    await spend(one, run, 3, at)
    await settleHold(other, id, spent(2), at)
    expect(await periodSums(one, 'ledger', at)).toEqual([5, 0])
    expect(await one.verify()).toEqual([])
  })
})
