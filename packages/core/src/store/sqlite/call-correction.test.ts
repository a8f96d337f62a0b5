import { describe, expect, test } from 'vitest'
import type { HoldTerms, LimitTerms } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { AT, closing, kindsOf, MANY, openProcess, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import { asking, budget, calling, hold, limit, periodSums, setLimits, spent, sums } from './testing/money-fixture.ts'

const ROLLING = { rollingMs: 3_600_000 }
const EACH_DAY = { every: 'day', timeZone: 'UTC' } as const

/** A call whose answer its provider owes: charged in full. */
async function owed(store: Store, run: RunRef, terms: HoldTerms = asking(8, { inputTokens: 2 }), at = AT) {
  const held = await store.reserve({ ...calling(run, terms), at })
  if (held.kind !== 'held') throw new Error(held.kind)
  const outcome = { kind: 'succeeded', response: '"later"' } as const
  await store.settle({ id: held.id, outcome, usage: null, cost: { kind: 'charged' }, externalId: 'openai:resp_1', at })
  return held.id
}

async function world(limits: Readonly<Record<string, readonly LimitTerms[]>> = { ledger: [budget(10)] }) {
  const path = temporaryFile()
  const store = openStore(path)
  await setLimits(store, limits)
  return { path, store, run: await openRun(store) }
}

const USAGE = '{"output":3}'

function correct(store: Store, id: number, cost = spent(3, { tokens: 1 }), at = AT + 5): ReturnType<Store['correct']> {
  return store.correct({ id, cost, usage: USAGE, at })
}

describe('what an owed answer came to', () => {
  test('takes the place of the charge in all scopes, also when the run has ended', async () => {
    const { store, run } = await world()
    const id = await owed(store, run)
    await store.closeRun(closing(run, 'completed'))
    expect(await sums(store, 'ledger')).toEqual([8, 0])
    const hold = { kind: 'settled', nano: 3, tokens: 1, corrected: true, overrunNano: 0, overrunTokens: 0, reached: [] }
    expect(await correct(store, id)).toEqual({ kind: 'corrected', beforeNano: 8, limited: true, hold })
    expect(await periodSums(store, 'ledger')).toEqual([3, 0])
    expect(await sums(store, 'run:run-1')).toEqual([3, 0])
    const found = await store.findCall('openai:resp_1')
    expect(found).toMatchObject({ id, usage: USAGE, hold: { status: 'settled', settledNano: 3, settledTokens: 1 } })
    const [entry] = (await store.listEntries('run-1', 0, MANY)).slice(-1)
    expect(entry).toMatchObject({ kind: 'hold-corrected', at: AT + 5 })
    expect(JSON.parse(entry?.body ?? '')).toMatchObject({ nano: 3, before: { nano: 8, tokens: 2 } })
    expect(await store.verify()).toEqual([])
  })

  test('counts once, however often it is told, and by how many processes at once', async () => {
    const { path, store, run } = await world()
    const id = await owed(store, run)
    const others = [openProcess(path), openProcess(path)]
    const answers = await Promise.all([store, ...others, store].map((each) => correct(each, id)))
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual([
      ...['already-corrected', 'already-corrected', 'already-corrected', 'corrected'],
    ])
    expect(await correct(store, id, spent(1))).toEqual({ kind: 'already-corrected' })
    expect(await periodSums(store, 'ledger')).toEqual([3, 0])
    expect((await kindsOf(store)).filter((kind) => kind === 'hold-corrected')).toHaveLength(1)
    expect(await store.verify()).toEqual([])
  })

  test.each([
    ['for ever', null],
    ['of a day', EACH_DAY],
    ['of the last hour', ROLLING],
  ])('counts as a bound until it is exact, and then stays: a limit %s', async (_, window) => {
    const { store, run } = await world({ ledger: [budget(20, { window }), limit({ tokens: 90, window })] })
    const id = await owed(store, run)
    const minute = 60_000
    const bound = spent(9, { tokens: 5, estimated: true })
    expect(await correct(store, id, bound, AT + 3 * minute)).toMatchObject({ kind: 'corrected', beforeNano: 8 })
    expect(await correct(store, id, { ...bound, nano: 1 }, AT + 4 * minute)).toEqual({ kind: 'already-corrected' })
    expect(await correct(store, id, spent(4), AT + 6 * minute)).toMatchObject({ kind: 'corrected', beforeNano: 9 })
    expect(await correct(store, id, bound, AT + 7 * minute)).toEqual({ kind: 'already-corrected' })
    expect(await correct(store, id, spent(2), AT + 8 * minute)).toEqual({ kind: 'already-corrected' })
    const usage = await store.readUsage('ledger', AT + 9 * minute)
    expect(usage?.limits.map(({ spentNano, spentTokens, calls }) => [spentNano, spentTokens, calls])).toEqual([
      [4, 0, 1],
      [4, 0, 1],
    ])
    expect(await store.verify()).toEqual([])
  })

  test('makes room where the limit was full', async () => {
    const { store, run } = await world()
    const id = await owed(store, run)
    expect(await store.reserve(calling(run, asking(7)))).toMatchObject({ kind: 'limited', spent: 8 })
    await correct(store, id)
    expect(await store.reserve(calling(run, asking(7)))).toMatchObject({ kind: 'held' })
    expect(await store.reserve(calling(run, asking(1)))).toMatchObject({ kind: 'limited', spent: 3, held: 7 })
  })

  test('may be more than was held: it says by how much, and which part of a limit that reaches', async () => {
    const { store, run } = await world({ ledger: [budget(10, { thresholds: [1] })] })
    const answer = await correct(store, await owed(store, run), spent(12, { tokens: 7 }))
    const reached = [{ scope: 'ledger', what: 'budget', threshold: 1, limit: 10, spent: 12 }]
    expect(answer).toMatchObject({ hold: { overrunNano: 4, overrunTokens: 5, reached } })
    expect(await store.reserve(calling(run, asking(1)))).toMatchObject({ kind: 'limited', spent: 12 })
    expect(await store.verify()).toEqual([])
  })

  test.each<[string, readonly LimitTerms[], boolean]>([
    ['a hard budget', [budget(10)], true],
    ['a limit on tokens', [limit({ tokens: 10 })], true],
    ['a soft budget', [budget(10, { mode: 'soft' })], false],
    ['a limit on calls', [limit({ calls: 10 })], false],
  ])('says whether a hard limit counts it: %s', async (_, limits, limited) => {
    const { store, run } = await world({ ledger: limits })
    expect(await correct(store, await owed(store, run))).toMatchObject({ limited })
  })
})

describe('a call that is looked for by the id that its provider knows it by', () => {
  test('is the newest of that id, in whichever run', async () => {
    const { store, run } = await world({ ledger: [] })
    await owed(store, run)
    const newest = await owed(store, await openRun(store, { id: 'run-2' }))
    expect(await store.findCall('openai:resp_1')).toMatchObject({ id: newest, runId: 'run-2' })
    expect(await store.findCall('openai:resp')).toBeNull()
  })

  test('is found by its index', async () => {
    const { store } = await world()
    const { database } = store.identity as Connection
    const plan = 'EXPLAIN QUERY PLAN SELECT 1 FROM call c WHERE c.external_id = (SELECT ?) ORDER BY c.id DESC LIMIT 1'
    const steps = database.prepare<{ detail: string }>(plan).all('x')
    expect(steps.map(({ detail }) => detail).join()).toContain('call_external')
  })

  test('has nothing to correct where nothing was held for it', async () => {
    const { store, run } = await world()
    const held = await store.reserve(calling(run, null))
    if (held.kind !== 'held') throw new Error(held.kind)
    expect(await correct(store, held.id)).toEqual({ kind: 'already-corrected' })
    expect(await correct(store, 99)).toEqual({ kind: 'already-corrected' })
  })
})

test('an ordinary settlement that was estimated is not taken for a charge: its first word counts', async () => {
  const { store, run } = await world()
  const id = await hold(store, run, 5)
  await store.settleHold({ hold: id, cost: spent(4, { estimated: true }), usage: null, at: AT })
  const again = await store.settleHold({ hold: id, cost: spent(1), usage: null, at: AT })
  expect(again).toEqual({ kind: 'already_settled' })
})
