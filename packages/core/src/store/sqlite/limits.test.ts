import { describe, expect, test } from 'vitest'
import type { LimitTerms } from '../limit-records.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { AT, kindsOf, MANY, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import { budget, limit, setLimits } from './testing/money-fixture.ts'

function versionOf(store: Store): number | undefined {
  const { database } = store.identity as Connection
  return database.prepare<{ version: number }>('SELECT version FROM limit_version').get()?.version
}

describe('setting limits', () => {
  test('tells which were not so already, and each change stands in the ledger’s stream', async () => {
    const store = openStore(temporaryFile())
    const both = { 'user:*': [budget(2)], ledger: [budget(9), limit({ calls: 3 })] }
    expect(await setLimits(store, both)).toEqual(['user:*', 'ledger'])
    expect(await setLimits(store, both)).toEqual([])
    expect(await setLimits(store, { ...both, ledger: [budget(9)] })).toEqual(['ledger'])
    expect(await setLimits(store, { 'user:*': [budget(2)] }, 'runtime')).toEqual(['user:*'])
    const entries = await store.listEntries('ledger', 0, MANY)
    expect(entries.map(({ kind, body }) => [kind, JSON.parse(body ?? '')])).toEqual([
      ['limits-set', { pattern: 'user:*', source: 'code', limits: [budget(2)] }],
      ['limits-set', { pattern: 'ledger', source: 'code', limits: [budget(9), limit({ calls: 3 })] }],
      ['limits-set', { pattern: 'ledger', source: 'code', limits: [budget(9)] }],
      ['limits-set', { pattern: 'user:*', source: 'runtime', limits: [budget(2)] }],
    ])
    expect((await store.tail(null, MANY)).entries).toHaveLength(4)
    expect(await store.verify()).toEqual([])
  })

  test('to the same in another order of members changes nothing', async () => {
    const store = openStore(temporaryFile())
    const terms = limit({
      rates: [{ of: 'calls', tool: null, count: 1, perMs: 1_000, burst: 2 }],
      tools: [{ tool: 'pay', effects: 1 }],
      window: { every: 'day', timeZone: 'UTC' },
    })
    await setLimits(store, { ledger: [terms] })
    expect(await setLimits(store, { ledger: [backwards(terms)] })).toEqual([])
    expect(JSON.stringify(await store.listLimits())).toContain(JSON.stringify(terms))
  })

  test('to nothing removes them, once', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { 'user:ann': [budget(1)] })
    expect(await setLimits(store, { 'user:ann': null })).toEqual(['user:ann'])
    expect(await setLimits(store, { 'user:ann': null })).toEqual([])
    expect(await store.listLimits('user:ann')).toEqual([])
  })

  test('raises the number that others remember them by only where something changed', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { ledger: [budget(1)] })
    const before = versionOf(store)
    await setLimits(store, { ledger: [budget(1)] })
    expect(versionOf(store)).toBe(before)
    await setLimits(store, { ledger: [budget(2)], 'user:*': [] })
    expect(versionOf(store)).toBe((before ?? 0) + 1)
  })
})

describe('limits that a run is opened with', () => {
  test('are its own, told in its own stream, and new to nobody who remembers others', async () => {
    const store = openStore(temporaryFile())
    await openRun(store, { id: 'first' })
    const before = versionOf(store)
    await openRun(store, { limits: [budget(5)] })
    expect(versionOf(store)).toBe(before)
    expect(await kindsOf(store)).toEqual(['run-opened', 'limits-set'])
    expect(await kindsOf(store, 'ledger')).toEqual([])
    expect(await store.listLimits('run:run-1')).toEqual([{ pattern: 'run:run-1', source: 'code', terms: [budget(5)] }])
  })

  test('replace those of its last opening, and stay where none are given', async () => {
    const store = openStore(temporaryFile())
    await openRun(store, { shared: true, limits: [budget(5)] })
    const before = versionOf(store) ?? 0
    await openRun(store, { shared: true })
    await openRun(store, { shared: true, limits: [budget(5)] })
    expect(versionOf(store)).toBe(before)
    await openRun(store, { shared: true, limits: [budget(7)] })
    expect(versionOf(store)).toBe(before + 1)
    expect(await store.listLimits('run:run-1')).toMatchObject([{ terms: [budget(7)] }])
  })
})

describe('listing limits', () => {
  test('shows all but those of single runs, with their source', async () => {
    const store = openStore(temporaryFile())
    await openRun(store, { limits: [budget(5)] })
    await setLimits(store, { 'user:*': [], 'run:*': [budget(1)], zone: [budget(2)], ledger: [budget(3)] })
    await setLimits(store, { ledger: [budget(4)] }, 'runtime')
    const listed = await store.listLimits()
    expect(listed.map(({ pattern, source, terms }) => [pattern, source, terms?.[0]?.budgetNano])).toEqual([
      ['run:*', 'code', 1],
      ['user:*', 'code', undefined],
      ['ledger', 'code', 3],
      ['ledger', 'runtime', 4],
      ['zone', 'code', 2],
    ])
    expect(await store.listLimits('run:run-1')).toHaveLength(1)
    expect(await store.listLimits('run:other')).toEqual([])
  })
})

test('limits survive the process that set them', async () => {
  const path = temporaryFile()
  const first = openStore(path)
  await first.setLimits({ limits: [{ pattern: 'ledger', source: 'runtime', terms: [budget(3)] }], at: AT })
  await first.close()
  expect(await openStore(path).listLimits()).toMatchObject([{ pattern: 'ledger', source: 'runtime' }])
})

/** The same members, in all of it, from the last to the first. */
function backwards(terms: LimitTerms): LimitTerms {
  const turned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turned)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).toReversed()
    return Object.fromEntries(entries.map(([name, inner]) => [name, turned(inner)]))
  }
  return turned(terms) as LimitTerms
}
