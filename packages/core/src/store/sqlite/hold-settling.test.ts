import { describe, expect, test } from 'vitest'
import type { HoldCost } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { AT, closing, kindsOf, MANY, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import {
  asking,
  budget,
  CHARGED,
  calling,
  hold,
  limit,
  openHold,
  REFUSED_BY_PROVIDER,
  setLimits,
  settleHold,
  spent,
  sums,
  UNSENT,
} from './testing/money-fixture.ts'

async function limited(): Promise<{ store: Store; run: RunRef }> {
  const store = openStore(temporaryFile())
  await setLimits(store, { ledger: [budget(100), limit({ tokens: 1_000, calls: 9 })] })
  return { store, run: await openRun(store) }
}

async function row(store: Store, id: number): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { database } = store.identity as Connection
  return database.prepare<Record<string, unknown>>('SELECT * FROM hold WHERE id = ?').get(id)
}

async function callsOf(store: Store): Promise<number | undefined> {
  return (await store.readUsage('ledger', AT))?.limits[0]?.calls
}

const KINDS = { spent: spent(3), unsent: UNSENT, sent: REFUSED_BY_PROVIDER, charged: CHARGED } as const
type Kind = keyof typeof KINDS

describe('what no call can have cost', () => {
  const MOST = { nano: 1e15, tokens: 1e12 }
  test.each([
    [9e15, 9e15, MOST.nano, MOST.tokens],
    [1e19, Number.POSITIVE_INFINITY, MOST.nano, MOST.tokens],
    [Number.NaN, Number.NaN, 8, 2],
    [-5, -0.5, 8, 2],
    [1.5, 0.1, 2, 1],
  ])('%d nano-USD and %d tokens count as %d and %d, and are flagged', async (nano, tokens, asNano, asTokens) => {
    const { store, run } = await limited()
    const others = await hold(store, run, 7)
    const held = await openHold(store, run, asking(8, { inputTokens: 2 }))
    if (held.kind !== 'held') throw new Error(held.kind)
    const cost = spent(nano, { tokens, exactUsd: '1.5' })
    expect(await settleHold(store, held.hold, cost)).toMatchObject({ kind: 'settled', nano: asNano, tokens: asTokens })
    expect(await row(store, held.hold)).toMatchObject({ estimated: 1, exact_usd: null })
    expect(await settleHold(store, others, spent(7))).toMatchObject({ nano: 7 })
    expect(await sums(store, 'ledger')).toEqual([asNano + 7, 0])
    expect(await store.verify()).toEqual([])
  })

  test('counts as far as what was put aside, where that was more', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const held = await hold(store, run, 2e15)
    expect(await settleHold(store, held, spent(3e15))).toMatchObject({ nano: 2e15, overrunNano: 0 })
  })

  test('loses neither the answer of a call nor a settlement of others', async () => {
    const { store, run } = await limited()
    const id = await call(store, run, 8)
    expect(await ended(store, id, spent(1e19))).toMatchObject({ kind: 'settled', hold: { nano: MOST.nano } })
    expect(await store.readCall(id)).toMatchObject({ status: 'succeeded', hold: { settledNano: MOST.nano } })
    expect(await store.verify()).toEqual([])
  })
})

describe('a hold', () => {
  test.each([
    ['spent', [3, 0], 1],
    ['unsent', [0, 0], 0],
    ['sent', [0, 0], 1],
    ['charged', [8, 0], 1],
  ] as const)('that comes to %s leaves %j and %i calls', async (kind, expected, calls) => {
    const { store, run } = await limited()
    const id = await hold(store, run, 8)
    const settled = { kind: 'settled', nano: expected[0], corrected: false, overrunNano: 0, reached: [] }
    expect(await settleHold(store, id, KINDS[kind])).toMatchObject(settled)
    expect(await sums(store, 'ledger')).toEqual(expected)
    expect(await callsOf(store)).toBe(calls)
    expect(await store.verify()).toEqual([])
  })

  const corrections: readonly [Kind, Kind, spent: number | null, calls: number][] = [
    ['charged', 'spent', 3, 1],
    ['charged', 'unsent', 0, 0],
    ['charged', 'sent', 0, 1],
    ['unsent', 'spent', 3, 1],
    ['sent', 'spent', 3, 1],
    ['charged', 'charged', null, 1],
    ['unsent', 'charged', null, 0],
    ['sent', 'unsent', null, 1],
    ['spent', 'spent', null, 1],
    ['spent', 'charged', null, 1],
    ['spent', 'unsent', null, 1],
  ]
  test.each(corrections)('that was %s and then is %s comes to %s', async (first, second, nano, calls) => {
    const { store, run } = await limited()
    const id = await hold(store, run, 8)
    await settleHold(store, id, KINDS[first])
    const before = await sums(store, 'ledger')
    const answer = await settleHold(store, id, KINDS[second], AT + 1)
    const kinds = await kindsOf(store)
    if (nano === null) {
      expect(answer).toEqual({ kind: 'already_settled' })
      expect(await sums(store, 'ledger')).toEqual(before)
      expect(kinds).not.toContain('hold-corrected')
    } else {
      expect(answer).toMatchObject({ kind: 'settled', nano, corrected: true })
      expect(await sums(store, 'ledger')).toEqual([nano, 0])
      expect(kinds.at(-1)).toBe('hold-corrected')
    }
    expect(await callsOf(store)).toBe(calls)
    expect(await store.verify()).toEqual([])
  })

  test('that cost more than was held is recorded in full, and flagged', async () => {
    const { store, run } = await limited()
    const id = await hold(store, run, 8)
    const settled = await settleHold(store, id, spent(120, { tokens: 7 }))
    expect(settled).toMatchObject({ kind: 'settled', nano: 120, tokens: 7, overrunNano: 112, overrunTokens: 7 })
    expect(await sums(store, 'ledger')).toEqual([120, 0])
    const [, , entry] = await store.listEntries('run-1', 0, MANY)
    expect(JSON.parse(entry?.body ?? '')).toMatchObject({ hold: id, nano: 120, overrunNano: 112 })
  })

  test('settles after its run has ended, and readers of all streams hear of it', async () => {
    const { store, run } = await limited()
    const id = await hold(store, run, 8)
    await store.closeRun(closing(run, 'completed'))
    const { cursor } = await store.tail(null, MANY)
    await settleHold(store, id, spent(3))
    expect((await store.tail(cursor, MANY)).entries).toMatchObject([{ stream: 'run-1', kind: 'hold-settled' }])
    expect(await store.verify()).toEqual([])
  })

  test('that is not there is nobody’s', async () => {
    const { store } = await limited()
    await expect(settleHold(store, 99, spent(1))).rejects.toThrow('The ledger has no hold 99')
  })

  test('keeps what is known of it: the exact amount, the price, what was used', async () => {
    const { store, run } = await limited()
    const id = await hold(store, run, 8)
    const cost = spent(3, { exactUsd: '0.0000000025', priceVersion: 'prices 2', estimated: true })
    await store.settleHold({ hold: id, cost, usage: '{"input":3}', at: AT + 5 })
    const { database } = store.identity as Connection
    expect(database.prepare('SELECT * FROM hold').all()).toMatchObject([
      {
        ...{ label: 'gpt-5', exact_usd: '0.0000000025', price_version: 'prices 2', estimated: 1, usage: '{"input":3}' },
        ...{ created_at: AT, ended_at: AT + 5, bounded: 1, nano: 8, settled_nano: 3 },
      },
    ])
  })
})

/** Reserves a call, and answers with its id. */
async function call(store: Store, run: RunRef, nano: number): Promise<number> {
  const held = await store.reserve(calling(run, asking(nano)))
  if (held.kind !== 'held') throw new Error(held.kind)
  return held.id
}

function ended(store: Store, id: number, cost: HoldCost | null, kind: 'succeeded' | 'failed' | 'lost' = 'succeeded') {
  const outcome = kind === 'succeeded' ? { kind, response: '{}' } : { kind, error: '{}' }
  return store.settle({ id, outcome, usage: '{"input":3}', cost, externalId: null, at: AT + 1 })
}

describe('the hold of a call', () => {
  test('is taken with its row, and told of in one entry', async () => {
    const { store, run } = await limited()
    const held = await store.reserve(calling(run, asking(8)))
    expect(held).toMatchObject({ kind: 'held', ordinal: 1, granted: { hold: 1, nano: 8, tokens: 0, limited: true } })
    const [, entry] = await store.listEntries('run-1', 0, MANY)
    expect(JSON.parse(entry?.body ?? '')).toEqual({ call: 1, provider: 'openai', model: 'gpt-5', nano: 8 })
    expect(await store.listCalls({ runSeq: run.seq })).toMatchObject([{ hold: { status: 'open', nano: 8 } }])
  })

  test('that is refused leaves no row of it', async () => {
    const { store, run } = await limited()
    expect(await store.reserve(calling(run, asking(101)))).toMatchObject({ kind: 'limited', what: 'budget' })
    expect(await store.listCalls({ runSeq: run.seq })).toEqual([])
    expect(await store.reserve(calling(run, asking(100)))).toMatchObject({ kind: 'held', ordinal: 1 })
  })

  test('settles with its outcome, in one entry', async () => {
    const { store, run } = await limited()
    const id = await call(store, run, 8)
    expect(await ended(store, id, spent(9))).toMatchObject({ kind: 'settled', hold: { nano: 9, overrunNano: 1 } })
    expect(await kindsOf(store)).toEqual(['run-opened', 'call-reserved', 'call-settled'])
    const entry = (await store.listEntries('run-1', 2, MANY))[0]
    expect(JSON.parse(entry?.body ?? '')).toEqual({ call: 1, model: 'gpt-5', nano: 9, overrunNano: 1 })
    expect(await store.readCall(id)).toMatchObject({ hold: { status: 'settled', settledNano: 9 } })
  })

  test('is corrected by a later settlement, which changes nothing else', async () => {
    const { store, run } = await limited()
    const id = await call(store, run, 8)
    expect(await ended(store, id, CHARGED, 'failed')).toMatchObject({ kind: 'settled', hold: { nano: 8 } })
    expect(await ended(store, id, spent(3))).toMatchObject({
      kind: 'already-settled',
      hold: { nano: 3, corrected: true },
    })
    expect(await ended(store, id, spent(2))).toEqual({ kind: 'already-settled', hold: { kind: 'already_settled' } })
    expect(await ended(store, id, null)).toEqual({ kind: 'already-settled', hold: null })
    expect(await store.readCall(id)).toMatchObject({ status: 'failed', hold: { status: 'settled', settledNano: 3 } })
    expect(await kindsOf(store)).toEqual(['run-opened', 'call-reserved', 'call-failed', 'hold-corrected'])
    expect(await sums(store, 'ledger')).toEqual([3, 0])
    expect(await store.verify()).toEqual([])
  })

  test('whose cost nobody tells is charged, and may be corrected', async () => {
    const { store, run } = await limited()
    const id = await call(store, run, 8)
    expect(await ended(store, id, null, 'lost')).toMatchObject({ hold: { kind: 'settled', nano: 8 } })
    expect(await store.readCall(id)).toMatchObject({ hold: { status: 'charged' } })
    expect(await settleHold(store, 1, spent(2))).toMatchObject({ corrected: true })
    expect(await sums(store, 'ledger')).toEqual([2, 0])
  })

  test('that was settled by itself stays so when the call is answered', async () => {
    const { store, run } = await limited()
    const id = await call(store, run, 8)
    await settleHold(store, 1, spent(2))
    expect(await ended(store, id, spent(5))).toEqual({ kind: 'settled', hold: { kind: 'already_settled' } })
    expect(await sums(store, 'ledger')).toEqual([2, 0])
    expect(await store.verify()).toEqual([])
  })

  test('is none where the call was not to be counted', async () => {
    const { store, run } = await limited()
    const held = await store.reserve(calling(run, null))
    expect(held).toMatchObject({ kind: 'held', granted: null })
    if (held.kind !== 'held') return
    expect(await ended(store, held.id, spent(5))).toEqual({ kind: 'settled', hold: null })
    expect(await ended(store, held.id, spent(5))).toEqual({ kind: 'already-settled', hold: null })
    expect(await sums(store, 'ledger')).toEqual([0, 0])
    expect(await callsOf(store)).toBe(0)
  })
})
