import { describe, expect, test } from 'vitest'
import type { LimitTerms } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { AT, closing, kindsOf, MANY, openProcess, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import {
  asking,
  budget,
  calling,
  hold,
  limit,
  ONE_NANO,
  openHold,
  setLimits,
  settleHold,
  spend,
  spent,
  sums,
  UNSENT,
} from './testing/money-fixture.ts'

/** A run of a user, in an organisation, with limits where they are given. */
async function limited(
  limits: Readonly<Record<string, readonly LimitTerms[]>>,
): Promise<{ store: Store; run: RunRef }> {
  const store = openStore(temporaryFile())
  await setLimits(store, limits)
  return { store, run: await openRun(store, { sessionScopes: ['user:ann', 'org:acme'] }) }
}

const SCOPES = ['run:run-1', 'user:ann', 'org:acme', 'ledger']

describe('a hold', () => {
  test('counts in all scopes of its run, with or without limits', async () => {
    const { store, run } = await limited({ 'user:*': [budget(10)] })
    const id = await hold(store, run, 4)
    const usage = await Promise.all(SCOPES.map((scope) => store.readUsage(scope, AT)))
    expect(usage).toMatchObject(SCOPES.map((scope) => ({ scope, spentNano: 0, heldNano: 4, calls: 1 })))
    await settleHold(store, id, spent(3))
    expect(await Promise.all(SCOPES.map((scope) => sums(store, scope)))).toEqual(SCOPES.map(() => [3, 0]))
    expect(await store.verify()).toEqual([])
  })

  test.each(SCOPES)('is taken in none where %s does not allow it', async (scope) => {
    const limits = Object.fromEntries(SCOPES.map((each) => [each, [budget(each === scope ? 5 : 100)]]))
    const { store, run } = await limited(limits)
    await spend(store, run, 4)
    const before = (await kindsOf(store)).length
    expect(await openHold(store, run, asking(2))).toEqual({
      ...{ kind: 'limited', what: 'budget', scope, runSeq: scope === 'run:run-1' ? run.seq : null, tool: null },
      ...{ limit: 5, perMs: null, spent: 4, held: 0, requested: 2, waitingHelps: false, resetsAt: null },
    })
    expect(await Promise.all(SCOPES.map((each) => sums(store, each)))).toEqual(SCOPES.map(() => [4, 0]))
    expect(await kindsOf(store)).toHaveLength(before)
    expect(await store.verify()).toEqual([])
  })

  test('counts on the runs above, whose limits it keeps to, the nearest first', async () => {
    const store = openStore(temporaryFile())
    const top = await openRun(store, { id: 'top', limits: [budget(10)] })
    const middle = await openRun(store, { id: 'middle', parent: { run: top, lane: 'root', effect: null } })
    const child = await openRun(store, { id: 'child', parent: { run: middle, lane: 'root', effect: null } })
    await hold(store, child, 8)
    expect(await openHold(store, middle, asking(3))).toMatchObject({ scope: 'run:top', runSeq: top.seq, held: 8 })
    expect(await sums(store, 'run:middle')).toEqual([0, 8])
    await setLimits(store, { 'run:top': [budget(8)], 'run:middle': [budget(8)] }, 'runtime')
    expect(await openHold(store, child, asking(1))).toMatchObject({ scope: 'run:middle' })
  })

  test('is refused where the run may start nothing', async () => {
    const { store, run } = await limited({})
    await store.closeRun(closing(run, 'completed'))
    expect(await openHold(store, run, asking(1))).toMatchObject({ kind: 'refused', reason: 'closed' })
  })

  test('for what has happened already is taken whatever forbids it, and counts', async () => {
    const { store, run } = await limited({ ledger: [budget(5), limit({ calls: 0 })] })
    await store.closeRun(closing(run, 'completed'))
    const terms = asking(4, { outputRate: ONE_NANO, output: { least: 1, most: 3 } })
    const held = await store.openHold({ run, label: 'gpt-5', hold: terms, afterwards: true, at: AT })
    expect(held).toMatchObject({ kind: 'held', nano: 7, outputTokens: 3 })
    if (held.kind === 'held') await settleHold(store, held.hold, spent(7))
    expect(await sums(store, 'ledger')).toEqual([7, 0])
    const { entries } = await store.tail(null, MANY)
    expect(entries.map(({ kind }) => kind).slice(-2)).toEqual(['hold-opened', 'hold-settled'])
    expect(await store.verify()).toEqual([])
  })

  test('is told of in the run’s stream, with what it is for', async () => {
    const { store, run } = await limited({})
    await settleHold(store, await hold(store, run, 4), spent(3))
    await settleHold(store, await hold(store, run, 4), UNSENT)
    const entries = await store.listEntries('run-1', 1, MANY)
    expect(entries.map(({ kind, body }) => [kind, JSON.parse(body ?? '')])).toEqual([
      ['hold-opened', { hold: 1, label: 'gpt-5', nano: 4, tokens: 0 }],
      ['hold-settled', { hold: 1, label: 'gpt-5', nano: 3, tokens: 0 }],
      ['hold-opened', { hold: 2, label: 'gpt-5', nano: 4, tokens: 0 }],
      ['hold-released', { hold: 2, label: 'gpt-5', nano: 0, tokens: 0 }],
    ])
  })
})

describe('a refusal', () => {
  test('says that waiting helps where only open holds are in the way', async () => {
    const { store, run } = await limited({ ledger: [budget(10)] })
    await spend(store, run, 2)
    await hold(store, run, 6)
    expect(await openHold(store, run, asking(8))).toMatchObject({ spent: 2, held: 6, waitingHelps: true })
    expect(await openHold(store, run, asking(9))).toMatchObject({ spent: 2, held: 6, waitingHelps: false })
  })

  test('tells what waiting cannot help before what it can, and else the nearest scope', async () => {
    const { store, run } = await limited({ 'run:*': [budget(10)], 'user:*': [budget(20)], 'org:*': [budget(3)] })
    await hold(store, run, 3)
    expect(await openHold(store, run, asking(8))).toMatchObject({ scope: 'org:acme', waitingHelps: false })
    await setLimits(store, { 'org:*': [budget(10)] })
    expect(await openHold(store, run, asking(8))).toMatchObject({ scope: 'run:run-1', waitingHelps: true })
  })

  test('for the number of calls is one that waiting cannot help', async () => {
    const { store, run } = await limited({ 'user:*': [limit({ calls: 2 })] })
    await settleHold(store, await hold(store, run, 1), spent(1))
    const second = await hold(store, run, 1)
    expect(await openHold(store, run, asking(0))).toMatchObject({
      ...{ what: 'calls', scope: 'user:ann', limit: 2, spent: 2, held: 0, requested: 1, waitingHelps: false },
    })
    await settleHold(store, second, UNSENT)
    expect(await openHold(store, run, asking(0))).toMatchObject({ kind: 'held' })
    expect(await store.verify()).toEqual([])
  })

  test('for a rate says when it is allowed', async () => {
    const rates = [{ of: 'calls', tool: null, count: 2, perMs: 1_000, burst: 2 } as const]
    const { store, run } = await limited({ ledger: [limit({ rates }), budget(10)] })
    await hold(store, run, 1)
    await hold(store, run, 1)
    expect(await openHold(store, run, asking(1))).toMatchObject({
      ...{ what: 'rate', limit: 2, perMs: 1_000, requested: 1, waitingHelps: true, resetsAt: AT + 500 },
    })
    expect(await openHold(store, run, asking(8))).toMatchObject({ what: 'rate' })
    expect(await openHold(store, run, asking(11))).toMatchObject({ what: 'budget' })
    expect(await openHold(store, run, asking(1), AT + 500)).toMatchObject({ kind: 'held' })
  })

  test('for time ends a run that has taken too long since it was opened', async () => {
    const { store, run } = await limited({ 'run:*': [limit({ wallMs: 1_000 })], ledger: [limit({ wallMs: 1 })] })
    expect(await openHold(store, run, asking(1), AT + 999)).toMatchObject({ kind: 'held' })
    expect(await openHold(store, run, asking(1), AT + 1_000)).toMatchObject({
      ...{ what: 'wall', scope: 'run:run-1', limit: 1_000, spent: 1_000, waitingHelps: false, resetsAt: null },
    })
  })
})

describe('what is kept for the end', () => {
  test('is spent by nothing but the end', async () => {
    const { store, run } = await limited({ 'run:*': [budget(10, { finalReserveNano: 4 })] })
    expect(await openHold(store, run, asking(7))).toMatchObject({ kind: 'limited', limit: 6, requested: 7 })
    await spend(store, run, 6)
    expect(await openHold(store, run, asking(1))).toMatchObject({ kind: 'limited', limit: 6, spent: 6 })
    expect(await openHold(store, run, asking(5, { final: true }))).toMatchObject({ kind: 'limited', limit: 10 })
    expect(await openHold(store, run, asking(4, { final: true }))).toMatchObject({ kind: 'held' })
  })
})

describe('a limit that is changed', () => {
  test('below what is spent refuses new holds and nothing else', async () => {
    const { store, run } = await limited({ ledger: [budget(10)] })
    await spend(store, run, 4)
    const id = await hold(store, run, 5)
    await setLimits(store, { ledger: [budget(3)] })
    expect(await openHold(store, run, asking(1))).toMatchObject({ kind: 'limited', limit: 3, spent: 4, held: 5 })
    expect(await settleHold(store, id, spent(5))).toMatchObject({ kind: 'settled', nano: 5, overrunNano: 0 })
    expect(await sums(store, 'ledger')).toEqual([9, 0])
    expect(await store.verify()).toEqual([])
  })

  test('takes effect at once, whichever process changes it', async () => {
    const path = temporaryFile()
    const [one, other] = [openProcess(path), openProcess(path)]
    const run = await openRun(one, { shared: true })
    await setLimits(one, { ledger: [budget(5)] })
    await hold(one, run, 5)
    expect(await openHold(one, run, asking(1))).toMatchObject({ kind: 'limited', limit: 5 })
    await setLimits(other, { ledger: [budget(6)] }, 'runtime')
    await hold(one, run, 1)
    expect(await openHold(other, run, asking(1))).toMatchObject({ kind: 'limited', limit: 6, held: 6 })
    await setLimits(one, { ledger: null }, 'runtime')
    expect(await openHold(other, run, asking(1))).toMatchObject({ kind: 'limited', limit: 5 })
  })
})

test('of fifty calls that come at once a limit for two lets two pass, from one process as from two', async () => {
  const path = temporaryFile()
  const stores = [openProcess(path), openProcess(path)] as const
  const run = await openRun(stores[0], { shared: true, limits: [budget(25)] })
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => (stores[i % 2] as Store).reserve(calling(run, asking(10)))),
  )
  expect(answers.filter(({ kind }) => kind === 'held')).toHaveLength(2)
  expect(await sums(stores[1], 'run:run-1')).toEqual([0, 20])
  expect(await stores[0].listCalls({ runSeq: run.seq })).toHaveLength(2)
  expect(await stores[0].verify()).toEqual([])
})

test('an open hold survives the process, and what it holds with it', async () => {
  const path = temporaryFile()
  const first = openStore(path)
  const run = await openRun(first, { shared: true, limits: [budget(10)] })
  await hold(first, run, 8)
  await first.close()
  const second = openStore(path)
  expect(await openHold(second, run, asking(3))).toMatchObject({ kind: 'limited', held: 8, waitingHelps: true })
})
