import { describe, expect, test } from 'vitest'
import type { HoldSettled, LimitTerms } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { AT, MANY, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import { budget, CHARGED, hold, limit, setLimits, settleHold, spent } from './testing/money-fixture.ts'

const HOUR = 3_600_000

async function limited(...terms: readonly LimitTerms[]): Promise<{ store: Store; run: RunRef }> {
  const store = openStore(temporaryFile())
  await setLimits(store, { 'user:ann': terms })
  return { store, run: await openRun(store, { sessionScopes: ['user:ann'] }) }
}

/** What was reached when so much more was spent: parts of a limit. */
async function spend(store: Store, run: RunRef, nano: number, at = AT): Promise<readonly string[]> {
  return reachedBy(await settleHold(store, await hold(store, run, nano, at), spent(nano, { tokens: nano }), at))
}

function reachedBy(settled: HoldSettled): readonly string[] {
  if (settled.kind !== 'settled') throw new Error(settled.kind)
  return settled.reached.map(({ what, threshold, limit: most }) => `${threshold} of ${most} ${what}`)
}

async function told(store: Store, stream: string): Promise<readonly unknown[]> {
  const entries = await store.listEntries(stream, 0, MANY)
  return entries.filter(({ kind }) => kind === 'threshold-reached').map(({ body }) => JSON.parse(body ?? ''))
}

describe('a threshold', () => {
  test.each(['hard', 'soft'] as const)(
    'of a %s limit is told of once, when what is settled reaches it',
    async (mode) => {
      const { store, run } = await limited(budget(100, { mode, thresholds: [0.5, 0.8, 1] }))
      const id = await hold(store, run, 90)
      expect(await told(store, 'user:ann')).toEqual([])
      expect(reachedBy(await settleHold(store, id, spent(49)))).toEqual([])
      expect(await spend(store, run, 1)).toEqual(['0.5 of 100 budget'])
      expect(await spend(store, run, 10)).toEqual([])
      expect(await spend(store, run, 40)).toEqual(['0.8 of 100 budget', '1 of 100 budget'])
      const reached = { scope: 'user:ann', what: 'budget', limit: 100 }
      expect(await told(store, 'user:ann')).toEqual([
        { ...reached, threshold: 0.5, spent: 50 },
        { ...reached, threshold: 0.8, spent: 100 },
        { ...reached, threshold: 1, spent: 100 },
      ])
      expect(await store.verify()).toEqual([])
    },
  )

  test('is met exactly where it is reached exactly', async () => {
    const { store, run } = await limited(budget(100, { thresholds: [0.07] }))
    expect(await spend(store, run, 6)).toEqual([])
    expect(await spend(store, run, 1)).toEqual(['0.07 of 100 budget'])
  })

  test('of tokens is told of like one of money, and each limit has its own', async () => {
    const { store, run } = await limited(
      budget(100, { thresholds: [0.5] }),
      limit({ tokens: 10, mode: 'soft', thresholds: [0.5] }),
      budget(40, { mode: 'soft', thresholds: [0.5] }),
    )
    expect(await spend(store, run, 5)).toEqual(['0.5 of 10 tokens'])
    expect(await spend(store, run, 45)).toEqual(['0.5 of 100 budget', '0.5 of 40 budget'])
  })

  test('of calls is told of when the call is admitted', async () => {
    const { store, run } = await limited(limit({ calls: 2, thresholds: [0.5, 1] }))
    await hold(store, run, 1)
    await hold(store, run, 1)
    const reached = { scope: 'user:ann', what: 'calls', limit: 2 }
    expect(await told(store, 'user:ann')).toEqual([
      { ...reached, threshold: 0.5, spent: 1 },
      { ...reached, threshold: 1, spent: 2 },
    ])
  })

  test('of a run’s own limit is told of in its own stream, after what reached it', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store, { limits: [budget(10, { thresholds: [1] })] })
    expect(await spend(store, run, 10)).toEqual(['1 of 10 budget'])
    const kinds = (await store.listEntries('run-1', 0, MANY)).map(({ kind }) => kind)
    expect(kinds.slice(-2)).toEqual(['hold-settled', 'threshold-reached'])
  })

  test('is told of again in the next period, and for another limit', async () => {
    const window = { every: 'day', timeZone: 'UTC' } as const
    const { store, run } = await limited(budget(10, { window, thresholds: [0.5] }))
    expect(await spend(store, run, 5)).toEqual(['0.5 of 10 budget'])
    expect(await spend(store, run, 5, AT + 24 * HOUR)).toEqual(['0.5 of 10 budget'])
    await setLimits(store, { 'user:ann': [budget(20, { window, thresholds: [0.5] })] })
    expect(await spend(store, run, 4, AT + 24 * HOUR)).toEqual([])
    expect(await spend(store, run, 1, AT + 24 * HOUR)).toEqual(['0.5 of 20 budget'])
    await setLimits(store, { 'user:ann': [budget(10, { window, thresholds: [0.5] })] })
    expect(await spend(store, run, 0, AT + 24 * HOUR)).toEqual([])
  })

  test('of the period that a hold was admitted in is told of when it settles in the next one', async () => {
    const window = { every: 'day', timeZone: 'UTC' } as const
    const { store, run } = await limited(budget(10, { window, thresholds: [0.5] }))
    const id = await hold(store, run, 6)
    expect(reachedBy(await settleHold(store, id, spent(6), AT + 24 * HOUR))).toEqual(['0.5 of 10 budget'])
    expect(await spend(store, run, 6, AT + 24 * HOUR)).toEqual(['0.5 of 10 budget'])
  })

  test.each(['hard', 'soft'] as const)('of a %s rolling limit is told of again once less was spent', async (mode) => {
    const { store, run } = await limited(budget(20, { mode, window: { rollingMs: HOUR }, thresholds: [0.25] }))
    expect(await spend(store, run, 5)).toEqual(['0.25 of 20 budget'])
    expect(await spend(store, run, 1, AT + HOUR / 2)).toEqual([])
    expect(await spend(store, run, 5, AT + 1.4 * HOUR)).toEqual(['0.25 of 20 budget'])
    const id = await hold(store, run, 5, AT + 1.45 * HOUR)
    expect(reachedBy(await settleHold(store, id, spent(5), AT + 3 * HOUR))).toEqual(['0.25 of 20 budget'])
    expect(await spend(store, run, 1, AT + 3 * HOUR)).toEqual([])
  })

  test('that a charge reaches is told of, and not once more by its correction', async () => {
    const { store, run } = await limited(budget(10, { thresholds: [0.5] }))
    const id = await hold(store, run, 8)
    expect(reachedBy(await settleHold(store, id, CHARGED))).toEqual(['0.5 of 10 budget'])
    expect(reachedBy(await settleHold(store, id, spent(2)))).toEqual([])
    expect(await spend(store, run, 4)).toEqual([])
  })
})
