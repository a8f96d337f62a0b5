import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { ASSUMED, AT, claim, commit, key, NOT_APPLIED, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import {
  asking,
  budget,
  CHARGED,
  hold,
  limit,
  openHold,
  setLimits,
  settleHold,
  spend,
  spent,
} from './testing/money-fixture.ts'

const HOUR = 3_600_000
const DAILY = { every: 'day', timeZone: 'UTC' } as const
const MIDNIGHT = Date.UTC(2023, 10, 15)

function periodsOf(store: Store): readonly unknown[] {
  return (store.identity as Connection).database.prepare('SELECT * FROM scope_period').all()
}

describe('the usage of a scope', () => {
  test('is what it has spent and holds since it began, and of each of its limits', async () => {
    const store = openStore(temporaryFile())
    const daily = budget(100, { window: DAILY, thresholds: [0.5] })
    await setLimits(store, { ledger: [daily, limit({ tokens: 9 }), budget(50, { window: { rollingMs: HOUR } })] })
    const run = await openRun(store)
    await spend(store, run, 7, AT - 25 * HOUR)
    await settleHold(store, await hold(store, run, 5), spent(3, { tokens: 2 }))
    await openHold(store, run, asking(4, { inputTokens: 6 }))
    const nothing = { effects: 0, tools: [] }
    expect(await store.readUsage('ledger', AT)).toEqual({
      ...{ scope: 'ledger', spentNano: 10, heldNano: 4, spentTokens: 2, heldTokens: 6, calls: 3 },
      limits: [
        {
          ...{ terms: daily, startsAt: MIDNIGHT - 24 * HOUR, endsAt: MIDNIGHT, spentNano: 3, heldNano: 4 },
          ...{ spentTokens: 2, heldTokens: 6, calls: 2, ...nothing },
        },
        {
          ...{ terms: limit({ tokens: 9 }), startsAt: 0, endsAt: null, spentNano: 10, heldNano: 4 },
          ...{ spentTokens: 2, heldTokens: 6, calls: 3, ...nothing },
        },
        {
          ...{ terms: budget(50, { window: { rollingMs: HOUR } }), startsAt: AT - HOUR, endsAt: expect.any(Number) },
          ...{ spentNano: 3, heldNano: 4, spentTokens: 2, heldTokens: 6, calls: 2, ...nothing },
        },
      ],
    })
  })

  test.each([
    ['ever', null],
    ['a day', DAILY],
    ['an hour', { rollingMs: HOUR }],
  ] as const)(
    'over %s is the same before a limit has asked for its counter and after, and a look writes nothing',
    async (_, window) => {
      const store = openStore(temporaryFile())
      const run = await openRun(store)
      await spend(store, run, 5, AT - 30 * HOUR)
      await spend(store, run, 3, AT - HOUR / 2)
      await settleHold(store, await hold(store, run, 2, AT - 2 * HOUR), CHARGED, AT - 1)
      await hold(store, run, 1, AT - 2 * HOUR)
      await setLimits(store, { ledger: [budget(100, { window })] })
      const before = await store.readUsage('ledger', AT)
      expect(periodsOf(store)).toEqual([])
      await openHold(store, run, asking(1_000), AT)
      expect(periodsOf(store)).toHaveLength(1)
      expect(await store.readUsage('ledger', AT)).toEqual(before)
    },
  )

  test('over a rolling window leaves out what is out, and does not touch it', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { ledger: [budget(100, { window: { rollingMs: HOUR } })] })
    const run = await openRun(store)
    await spend(store, run, 5)
    const before = periodsOf(store)
    const [usage] = (await store.readUsage('ledger', AT + 2 * HOUR))?.limits ?? []
    expect(usage).toMatchObject({ startsAt: AT + HOUR, endsAt: null, spentNano: 0, calls: 0 })
    expect(periodsOf(store)).toEqual(before)
    expect((await store.readUsage('ledger', AT))?.limits).toMatchObject([{ spentNano: 5, endsAt: expect.any(Number) }])
  })

  test('is nothing for a name that nobody has used or limited, and zero for one that is only limited', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { 'user:*': [budget(5)], 'org:acme': [] })
    expect(await store.readUsage('team:a', AT)).toBeNull()
    expect(await store.readUsage('run:none', AT)).toBeNull()
    expect(await store.readUsage('user:ann', AT)).toMatchObject({
      spentNano: 0,
      limits: [{ terms: budget(5), heldNano: 0 }],
    })
    expect(await store.readUsage('org:acme', AT)).toMatchObject({ scope: 'org:acme', calls: 0, limits: [] })
  })

  test('is that of a run by its id, whatever that is', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store, { id: 'user:ann', limits: [budget(9)] })
    await spend(store, run, 4)
    expect(await store.readUsage('run:user:ann', AT)).toMatchObject({ spentNano: 4, limits: [{ spentNano: 4 }] })
    expect(await store.readUsage('user:ann', AT)).toBeNull()
  })
})

test('the limits of a scope are told without all that it ever had', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await spend(store, run, 1, AT - 48 * HOUR)
  await spend(store, run, 2, AT - 48 * HOUR)
  await spend(store, run, 3)
  await setLimits(store, { ledger: [budget(9, { window: DAILY })] })
  const { limits } = (await store.readUsage('ledger', AT)) ?? {}
  expect(limits).toMatchObject([{ spentNano: 3, calls: 1 }])
  expect(await store.readLimits('ledger', AT)).toEqual(limits)
  expect(await store.readLimits('user:nobody', AT)).toEqual([])
  // Whoever sums these up fails.
  const { database } = store.identity as Connection
  database.prepare(`UPDATE hold SET settled_nano = ${2n ** 62n} WHERE created_at < ?`).run(AT - HOUR)
  await expect(store.readUsage('ledger', AT)).rejects.toThrow('overflow')
  expect(await store.readLimits('ledger', AT)).toEqual(limits)
})

describe('the effects of a scope', () => {
  test('are made up for on the scope of a run, with those of the runs below it, when they are first asked for', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store, { sessionScopes: ['user:ann'] })
    await commit(store, run, await claim(store, run), NOT_APPLIED)
    await commit(store, run, await claim(store, run, { at: AT + 1 }), ASSUMED)
    await claim(store, run, { attempts: 2, at: AT + 1 })
    await claim(store, run, {
      keys: [key(3)],
      tool: 'send-mail',
      at: AT + 2,
      owner: { kind: 'scope', name: 'thread:t' },
    })
    const child = await openRun(store, { id: 'child', parent: { run, lane: 'root', effect: null } })
    await claim(store, child, { at: AT + 3 })
    const tools = [
      { tool: 'charge-card', effects: 9 },
      { tool: 'send-mail', effects: 9 },
      { tool: 'other', effects: 9 },
    ]
    const terms = [limit({ effects: 9, tools }), limit({ effects: 9, tools, window: { rollingMs: 60 } })]
    await setLimits(store, { 'run:*': terms, 'user:*': terms })
    const counted = [
      { tool: 'charge-card', effects: 3 },
      { tool: 'send-mail', effects: 1 },
      { tool: 'other', effects: 0 },
    ]
    const both = [
      { effects: 4, tools: counted },
      { effects: 4, tools: counted },
    ]
    expect((await store.readUsage('run:run-1', AT + 3))?.limits).toMatchObject(both)
    expect((await store.readUsage('run:run-1', AT + 61))?.limits[1]).toMatchObject({ effects: 2 })
    expect((await store.readUsage('run:child', AT + 3))?.limits[0]).toMatchObject({ effects: 1 })
    expect((await store.readUsage('user:ann', AT + 3))?.limits[0]).toMatchObject({ effects: 0 })
    await claim(store, run, { keys: [key(4)], at: AT + 3 })
    expect((await store.readUsage('run:run-1', AT + 3))?.limits).toMatchObject([{ effects: 5 }, { effects: 5 }])
    expect((await store.readUsage('run:child', AT + 3))?.limits[0]).toMatchObject({ effects: 1 })
    expect((await store.readUsage('user:ann', AT + 3))?.limits[0]).toMatchObject({ effects: 1 })
    expect(await store.verify()).toEqual([])
  })
})
