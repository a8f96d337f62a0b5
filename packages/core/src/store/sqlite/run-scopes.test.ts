import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { OpenRun } from '../run-verbs.ts'
import type { Store } from '../store.ts'
import {
  AT,
  claiming,
  closing,
  key,
  kindsOf,
  LEASE_MS,
  MANY,
  opening,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
} from './testing/fixture.ts'
import { asking, budget, hold, limit, openHold, setLimits, spend, sums } from './testing/money-fixture.ts'

const USER = 'user:ann'

/** A store in which each of the names is known, and not limited. */
async function knowing(...names: readonly string[]): Promise<Store> {
  const store = openStore(temporaryFile())
  await setLimits(store, Object.fromEntries(names.map((name) => [name, []])))
  return store
}

function seqsOf(store: Store, ...names: readonly string[]): Promise<readonly (number | null)[]> {
  return Promise.all(names.map((name) => store.readScope(name)))
}

/** Lets a run go and opens it once more. */
async function reopened(store: Store, run: Parameters<typeof closing>[0], overrides: Partial<OpenRun> = {}) {
  await store.closeRun(closing(run, 'released'))
  return openRun(store, overrides)
}

describe('the scopes of a run', () => {
  test('are those that it names, its thread and the session; the session is not kept', async () => {
    const store = await knowing(USER, 'org:acme')
    const named = { scopes: [USER, 'org:acme'], thread: 't1', sessionScopes: ['session:s1'] }
    const run = await openRun(store, named)
    expect(run.scopes).toEqual(await seqsOf(store, USER, 'org:acme', 'thread:t1', 'session:s1'))
    expect(run.scopes).not.toContain(null)
    expect(await store.readRun('run-1')).toMatchObject({ scopes: [USER, 'org:acme'] })
    const again = await reopened(store, run, { sessionScopes: ['session:s2'] })
    expect(again.scopes).toEqual(await seqsOf(store, USER, 'org:acme', 'thread:t1', 'session:s2'))
  })

  test('are each there once, without its own, those above it and the ledger', async () => {
    const store = await knowing(USER, 'ledger', 'thread:t1', 'run:run-1', 'run:other', 'run:c')
    const root = await openRun(store, { scopes: [USER, USER] })
    const other = await openRun(store, { id: 'other' })
    const scopes = [USER, 'ledger', 'thread:t1', 'run:run-1', 'run:c', 'run:other']
    const within = { parent: { run: root, lane: 'root', effect: null }, scopes, thread: 't1', sessionScopes: [USER] }
    const child = await openRun(store, { id: 'c', ...within })
    expect(root.scopes).toEqual(await seqsOf(store, USER))
    expect(child.scopes).toEqual([...(await seqsOf(store, USER, 'thread:t1')), other.seq])
  })

  test('add up over all openings of the run', async () => {
    const store = await knowing(USER, 'org:acme')
    const run = await openRun(store, { scopes: [USER] })
    const again = await reopened(store, run, { scopes: ['org:acme', USER] })
    expect(again.scopes).toEqual(await seqsOf(store, USER, 'org:acme'))
    await store.closeRun(closing(again, 'failed'))
    expect(await openRun(store, { retry: true })).toMatchObject({ scopes: again.scopes })
    expect(await store.readRun('run-1')).toMatchObject({ scopes: [USER, 'org:acme'] })
  })

  test('add up for a shared run too', async () => {
    const store = await knowing(USER, 'org:acme')
    await openRun(store, { shared: true, scopes: [USER] })
    await openRun(store, { shared: true, scopes: ['org:acme'] })
    expect(await store.readRun('run-1')).toMatchObject({ scopes: [USER, 'org:acme'] })
  })
})

describe('a run that was below another one, and is opened somewhere else', () => {
  /** A child of a run with a budget and a thread, which was let go. */
  async function childOf(overrides: Partial<OpenRun> = {}) {
    const store = await knowing(USER)
    const parent = await openRun(store, { thread: 't1', limits: [budget(100)] })
    const within = { parent: { run: parent, lane: 'root', effect: null } }
    const child = await openRun(store, { id: 'c', thread: 't2', ...within, ...overrides })
    return { store, parent, within, child }
  }

  test('goes on counting on the one above it, and on the thread of that', async () => {
    const { store, parent, child } = await childOf()
    await spend(store, child, 60)
    const alone = await reopened(store, child, { id: 'c' })
    expect(alone).toMatchObject({
      ancestors: [],
      scopes: [parent.seq, ...(await seqsOf(store, 'thread:t1', 'thread:t2'))],
    })
    expect(await openHold(store, alone, asking(41))).toMatchObject({ kind: 'limited', scope: 'run:run-1', spent: 60 })
    await spend(store, alone, 40)
    expect(await sums(store, 'run:run-1')).toEqual([100, 0])
    await store.closeRun(closing(alone, 'failed'))
    const again = await openRun(store, { id: 'c', retry: true })
    expect(await openHold(store, again, asking(1))).toMatchObject({ kind: 'limited', scope: 'run:run-1' })
    const below = await openRun(store, {
      id: 'g',
      parent: { run: again, lane: 'root', effect: null },
      scopes: ['run:run-1'],
    })
    expect(await openHold(store, below, asking(1))).toMatchObject({ kind: 'limited', scope: 'run:run-1' })
    expect(await store.verify()).toEqual([])
  })

  test('does so in another run too, and once only where it comes back', async () => {
    const { store, parent, within, child } = await childOf()
    const other = await openRun(store, { id: 'other' })
    const there = await reopened(store, child, { id: 'c', parent: { run: other, lane: 'root', effect: null } })
    expect(there.scopes).toContain(parent.seq)
    const back = await reopened(store, there, { id: 'c', ...within })
    expect(back.scopes).toEqual([
      ...(await seqsOf(store, 'thread:t1')),
      other.seq,
      ...(await seqsOf(store, 'thread:t2')),
    ])
    await spend(store, back, 10)
    expect([await sums(store, 'run:run-1'), await sums(store, 'run:other')]).toEqual([
      [10, 0],
      [10, 0],
    ])
    expect(await store.verify()).toEqual([])
  })

  test('does so where many share it', async () => {
    const { store, parent } = await childOf({ id: 'shared', shared: true })
    const joined = await openRun(store, { id: 'shared', shared: true })
    expect(joined.scopes).toContain(parent.seq)
  })

  test('has nothing to keep where it stays', async () => {
    const { store, within, child } = await childOf()
    await reopened(store, child, { id: 'c', ...within })
    expect(await store.readRun('c')).toMatchObject({ scopes: [] })
  })
})

describe('a scope that no limits are set on', () => {
  test('opens nothing', async () => {
    const store = await knowing('org:*')
    const named = opening({ scopes: ['org:acme', USER], thread: 't1' })
    expect(await store.openRun(named)).toEqual({ kind: 'unlimited', scope: USER })
    expect(await store.readRun('run-1')).toBeNull()
    expect(await seqsOf(store, 'org:acme', USER, 'thread:t1')).toEqual([null, null, null])
    const run = await openRun(store, { scopes: ['org:acme'] })
    await store.closeRun(closing(run, 'released'))
    expect(await store.openRun(named)).toEqual({ kind: 'unlimited', scope: USER })
    expect(await store.readRun('run-1')).toMatchObject({ epoch: 1, scopes: ['org:acme'] })
    await openRun(store, { id: 'shared', shared: true })
    expect(await store.openRun(opening({ id: 'shared', shared: true, scopes: [USER] }))).toMatchObject({ scope: USER })
  })

  test('is no matter once a run, or the one above it, counts on it', async () => {
    const store = await knowing(USER)
    const run = await openRun(store, { scopes: [USER] })
    await setLimits(store, { [USER]: null })
    const again = await reopened(store, run, { scopes: [USER] })
    const within = { parent: { run: again, lane: 'root', effect: null }, scopes: [USER] }
    expect(await openRun(store, { id: 'c', ...within })).toMatchObject({ scopes: again.scopes })
    expect(await store.openRun(opening({ id: 'alone', scopes: [USER] }))).toMatchObject({ kind: 'unlimited' })
  })

  test('says nothing about a run that has ended, or that somebody else has', async () => {
    const store = await knowing()
    const run = await openRun(store)
    expect(await store.openRun(opening({ scopes: [USER] }))).toMatchObject({ kind: 'running' })
    await store.closeRun(closing(run, 'completed'))
    expect(await store.openRun(opening({ scopes: [USER] }))).toMatchObject({ kind: 'ended' })
  })
})

describe('the limits of a run', () => {
  const ONE = [limit({ effects: 1 })]
  const TWO = [limit({ effects: 2 })]
  const claimedBy = async (store: Store, run: Parameters<typeof claiming>[0], byte: number) =>
    (await store.claimEffect(claiming(run, { keys: [key(byte)] }))).kind

  test('come with the transaction that opens it, and are told in its stream', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store, { limits: ONE })
    expect(await kindsOf(store)).toEqual(['run-opened', 'limits-set'])
    expect([await claimedBy(store, run, 1), await claimedBy(store, run, 2)]).toEqual(['claimed', 'limited'])
    expect(await store.listLimits('run:run-1')).toEqual([{ pattern: 'run:run-1', source: 'code', terms: ONE }])
  })

  test('stay when it is opened without any, and give way to new ones at once', async () => {
    const path = temporaryFile()
    const [store, other] = [openStore(path), openProcess(path)]
    const run = await openRun(store, { limits: ONE })
    expect([await claimedBy(store, run, 1), await claimedBy(store, run, 2)]).toEqual(['claimed', 'limited'])
    const again = await reopened(store, run)
    expect(await claimedBy(store, again, 2)).toBe('limited')
    await store.closeRun(closing(again, 'released'))
    const raised = await openRun(other, { limits: TWO })
    expect([await claimedBy(store, raised, 2), await claimedBy(store, raised, 3)]).toEqual(['claimed', 'limited'])
    const free = await reopened(store, raised, { limits: [] })
    expect(await claimedBy(other, free, 3)).toBe('claimed')
  })
})

test('what a run waits for a human is no time of its own', async () => {
  const store = openStore(temporaryFile())
  const limits = [limit({ wallMs: 1_000 })]
  const run = await openRun(store, { limits })
  const shared = await openRun(store, { id: 'shared', shared: true, limits })
  const claimAt = (at: number, ref = run) => store.claimEffect(claiming(ref, { keys: [key()], at: AT + at }))
  expect(await claimAt(999)).toMatchObject({ kind: 'claimed' })
  const over = { kind: 'limited', what: 'wall', scope: 'run:run-1', limit: 1_000, spent: 1_000, waitingHelps: false }
  expect(await claimAt(1_000)).toMatchObject(over)
  await store.closeRun(closing(run, 'waiting'))
  await store.closeRun(closing(shared, 'waiting'))
  const later = await openRun(store, { at: AT + 5_000 })
  const joined = await openRun(store, { id: 'shared', shared: true, at: AT + 5_000 })
  for (const ref of [later, joined]) {
    expect(await claimAt(5_999, ref)).toMatchObject({ kind: 'claimed' })
    expect(await claimAt(6_000, ref)).toMatchObject({ kind: 'limited', what: 'wall' })
  }
  // A release is no wait, nor is a takeover, and what was waited before stays.
  const resumed = await reopened(store, later, { at: AT + 5_500 })
  expect(await claimAt(6_000, resumed)).toMatchObject({ kind: 'limited', what: 'wall' })
})

test('another attempt has its time anew, and whoever takes over a run that died has what is left of it', async () => {
  const path = temporaryFile()
  const [mine, theirs] = [new ManualClock(), new ManualClock()]
  const [first, second] = [openProcess(path, mine), openProcess(path, theirs)]
  const run = await openRun(first, { limits: [limit({ wallMs: 1_000 })] })
  const claimAt = (ref: typeof run, at: number) => second.claimEffect(claiming(ref, { keys: [key()], at: AT + at }))
  await theirs.advance(LEASE_MS + 1)
  const taken = await openRun(second, { at: AT + 900 })
  expect(await claimAt(taken, 999)).toMatchObject({ kind: 'claimed' })
  expect(await claimAt(taken, 1_000)).toMatchObject({ kind: 'limited', what: 'wall', spent: 1_000 })
  await second.closeRun(closing(taken, 'failed'))
  const retried = await openRun(second, { retry: true, at: AT + 9_000 })
  expect(await claimAt(retried, 9_999)).toMatchObject({ kind: 'claimed' })
  expect(await claimAt(retried, 10_000)).toMatchObject({ kind: 'limited', what: 'wall', spent: 1_000 })
  const resumed = await reopened(second, retried, { at: AT + 9_500 })
  expect(await claimAt(resumed, 10_000)).toMatchObject({ kind: 'limited', what: 'wall', spent: 1_000 })
})

test('whoever goes on with a dead run has what its owner held charged', async () => {
  const path = temporaryFile()
  const [mine, theirs] = [new ManualClock(), new ManualClock()]
  const [first, second] = [openProcess(path, mine), openProcess(path, theirs)]
  const run = await openRun(first)
  await hold(first, run, 8)
  const own = await openRun(second, { id: 'own' })
  await hold(second, own, 3)
  await theirs.advance(LEASE_MS + 1)
  await openRun(second)
  expect(await second.readUsage('run:run-1', AT)).toMatchObject({ spentNano: 8, heldNano: 0 })
  expect(await second.readUsage('ledger', AT)).toMatchObject({ spentNano: 8, heldNano: 3 })
  const kinds = (await second.listEntries('run-1', 0, MANY)).map(({ kind }) => kind)
  expect(kinds).toEqual(['run-opened', 'hold-opened', 'hold-charged', 'run-resumed'])
  expect(await second.verify()).toEqual([])
})
