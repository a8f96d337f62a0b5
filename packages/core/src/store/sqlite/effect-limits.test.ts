import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { another, counted, everything, fate, limited } from './testing/effect-limit-fixture.ts'
import {
  ASSUMED,
  AT,
  claim,
  claiming,
  commit,
  key,
  kindsOf,
  LEASE_MS,
  MANY,
  NOT_APPLIED,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'
import { asking, limit, openHold, setLimits } from './testing/money-fixture.ts'
import { act, commitUndo, fail, finishUndo, takeUndo } from './testing/undoing.ts'

const USER = 'user:ann'

describe('a limit on effects', () => {
  test('refuses the one that is too much, and nothing is written of it', async () => {
    const { store, run } = await limited(limit({ effects: 2 }))
    await claim(store, run, { keys: [key(1)] })
    await claim(store, run, { keys: [key(2)] })
    const before = everything(store)
    const refused = await another(store, run, { owner: { kind: 'scope', name: 'thread:new' } })
    expect(refused).toEqual({
      ...{ kind: 'limited', what: 'effects', scope: 'run:run-1', runSeq: run.seq, tool: null, limit: 2, perMs: null },
      ...{ spent: 2, held: 0, requested: 1, waitingHelps: false, resetsAt: null },
    })
    expect(everything(store)).toBe(before)
    expect(await store.readScope('thread:new')).toBeNull()
  })

  test('counts on every scope of the run: its own, those above it, those it names, and the ledger', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { [USER]: [limit({ effects: 3 })], ledger: [limit({ effects: 7 })] })
    const root = await openRun(store, { limits: [limit({ effects: 6 })] })
    expect(await fate(store, root)).toBe('claimed')
    const within = { parent: { run: root, lane: 'root', effect: null } }
    const child = await openRun(store, { id: 'c', ...within, limits: [limit({ effects: 1 })] })
    const ann = await openRun(store, { id: 'ann', ...within, scopes: [USER] })
    expect([await fate(store, child), await fate(store, child)]).toEqual(['claimed', 'run:c'])
    for (let count = 0; count < 3; count++) expect(await fate(store, ann)).toBe('claimed')
    expect(await fate(store, ann)).toBe(USER)
    expect([await fate(store, root), await fate(store, root)]).toEqual(['claimed', 'run:run-1'])
    const alone = await openRun(store, { id: 'alone' })
    expect([await fate(store, alone), await fate(store, alone)]).toEqual(['claimed', 'ledger'])
    const scopes = ['run:run-1', 'run:c', USER, 'ledger']
    expect(await Promise.all(scopes.map((scope) => counted(store, scope)))).toEqual([6, 1, 3, 7])
  })

  test('of a tool leaves the others alone', async () => {
    const { store, run } = await limited(limit({ effects: 3, tools: [{ tool: 'mail', effects: 1 }] }))
    expect(await fate(store, run, { tool: 'mail' })).toBe('claimed')
    const refused = { kind: 'limited', tool: 'mail', limit: 1, spent: 1 }
    expect(await another(store, run, { tool: 'mail' })).toMatchObject(refused)
    expect([await fate(store, run), await fate(store, run), await fate(store, run)]).toEqual([
      'claimed',
      'claimed',
      'run:run-1',
    ])
    const usage = await store.readUsage('run:run-1', AT)
    expect(usage?.limits).toMatchObject([{ effects: 3, tools: [{ tool: 'mail', effects: 1 }] }])
  })

  test('of a day begins anew with the next one, and says when that is', async () => {
    const window = { every: 'day', timeZone: 'Europe/Berlin' } as const
    const { store, run } = await limited(limit({ effects: 1, window }))
    const midnight = Date.UTC(2023, 10, 14, 23)
    expect(await fate(store, run, { at: midnight - 1 })).toBe('claimed')
    expect(await another(store, run, { at: midnight - 1 })).toMatchObject({ kind: 'limited', resetsAt: midnight })
    expect([await fate(store, run, { at: midnight }), await fate(store, run, { at: midnight })]).toEqual([
      'claimed',
      'run:run-1',
    ])
  })

  test('of a rolling window lets go of what is out', async () => {
    const { store, run } = await limited(limit({ effects: 1, window: { rollingMs: 60_000 } }))
    expect(await fate(store, run)).toBe('claimed')
    const refused = await another(store, run, { at: AT + 60_000 })
    if (refused.kind !== 'limited' || refused.resetsAt === null) throw new Error(refused.kind)
    expect(refused.resetsAt - AT).toBeLessThanOrEqual(61_000)
    expect(await fate(store, run, { at: refused.resetsAt - 1 })).toBe('run:run-1')
    expect(await fate(store, run, { at: refused.resetsAt })).toBe('claimed')
  })

  test('that is soft refuses nothing, and tells once of each threshold', async () => {
    const { store, run } = await limited(limit({ mode: 'soft', effects: 4, thresholds: [0.5, 1] }))
    for (let count = 0; count < 6; count++) expect(await fate(store, run)).toBe('claimed')
    const told = (await store.listEntries('run-1', 0, MANY)).filter(({ kind }) => kind === 'threshold-reached')
    const facts = { scope: 'run:run-1', what: 'effects', limit: 4 }
    expect(told.map(({ body }) => JSON.parse(body ?? ''))).toEqual([
      { ...facts, threshold: 0.5, spent: 2 },
      { ...facts, threshold: 1, spent: 4 },
    ])
    expect(await counted(store)).toBe(6)
  })

  test('is never exceeded by processes that claim at once', async () => {
    const path = temporaryFile()
    const stores = [openProcess(path), openProcess(path)]
    await setLimits(stores[0] as Store, { ledger: [limit({ effects: 5 })] })
    const runs = await Promise.all(stores.map((store, index) => openRun(store, { id: `run-${index}` })))
    const all = stores.flatMap((store, index) =>
      Array.from({ length: 8 }, () => fate(store, runs[index] as RunRef, { keys: [key()] })),
    )
    const fates = await Promise.all(all)
    expect(fates.filter((one) => one === 'claimed')).toHaveLength(5)
    expect(new Set(fates)).toEqual(new Set(['claimed', 'ledger']))
    expect(await counted(stores[0] as Store, 'ledger')).toBe(5)
  })

  test('counts on as before once it was raised, in other processes too', async () => {
    const { store, run, path } = await limited(limit({ effects: 1 }))
    const other = openProcess(path)
    expect([await fate(store, run), await fate(store, run)]).toEqual(['claimed', 'run:run-1'])
    await setLimits(other, { 'run:run-1': [limit({ effects: 2 })] }, 'runtime')
    expect([await fate(store, run), await fate(store, run)]).toEqual(['claimed', 'run:run-1'])
  })

  test.each(['run:run-1', 'run:*', USER, 'user:*', 'ledger'])(
    'on %s that another process sets between two claims, or takes away, is known to the next one',
    async (pattern) => {
      const path = temporaryFile()
      const [store, other] = [openProcess(path), openProcess(path)]
      await setLimits(store, { [USER]: [] })
      const run = await openRun(store, { scopes: [USER] })
      expect(await fate(store, run)).toBe('claimed')
      for (let time = 0; time < 2; time++) {
        await setLimits(other, { [pattern]: [limit({ tools: [{ tool: 'none', effects: 0 }], effects: 0 })] }, 'runtime')
        expect(await another(store, run)).toMatchObject({ kind: 'limited', limit: 0 })
        expect(await store.startRead({ run, tool: 'look', at: AT })).toMatchObject({ kind: 'limited', limit: 0 })
        await setLimits(other, { [pattern]: null }, 'runtime')
        expect(await fate(store, run)).toBe('claimed')
        expect(await store.startRead({ run, tool: 'look', at: AT })).toEqual({ kind: 'open' })
      }
    },
  )
})

describe('what a run did before a limit asks for it', () => {
  const one = limit({ effects: 9 })

  test.each([
    ['no limit', []],
    ['a budget', [limit({ budgetNano: 9 })]],
    ['another limit on effects', [limit({ effects: 9 })]],
  ])('counts where it had %s until then', async (_, limits) => {
    for (const window of [null, { every: 'day', timeZone: 'UTC' }, { rollingMs: 60_000 }] as const) {
      const over = limits.map((each) => ({ ...each, window }))
      const { store, run } = await limited(...over)
      await openHold(store, run, asking(1))
      const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
      for (const ref of [run, child, run]) await claim(store, ref, { keys: [key()] })
      await setLimits(store, { 'run:run-1': [limit({ effects: 4, window })] }, 'runtime')
      expect([await fate(store, child), await fate(store, run)]).toEqual(['claimed', 'run:run-1'])
      expect(await counted(store)).toBe(4)
      expect(await store.verify()).toEqual([])
    }
  })

  test('counts where a limit on effects was away in between', async () => {
    const { store, run } = await limited(one)
    await claim(store, run, { keys: [key()] })
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    for (const away of [[], [limit({ wallMs: 9_000 })], [limit({ budgetNano: 9 })]]) {
      await setLimits(store, { 'run:run-1': away }, 'runtime')
      await claim(store, run, { keys: [key()], tool: 'mail' })
      await claim(store, child, { keys: [key()] })
    }
    await setLimits(store, { 'run:run-1': [limit({ effects: 8, tools: [{ tool: 'mail', effects: 4 }] })] }, 'runtime')
    const usage = await store.readUsage('run:run-1', AT)
    expect(usage?.limits).toMatchObject([{ effects: 7, tools: [{ tool: 'mail', effects: 3 }] }])
    expect([await fate(store, run), await fate(store, run)]).toEqual(['claimed', 'run:run-1'])
    expect(await store.verify()).toEqual([])
  })

  test('counts no reads: they leave nothing where no limit counts them', async () => {
    const { store, run } = await limited(one)
    const look = () => store.startRead({ run, tool: 'look', at: AT })
    await look()
    for (const away of [[limit({ budgetNano: 9 })], [limit({ wallMs: 9_000 })]]) {
      await setLimits(store, { 'run:run-1': away }, 'runtime')
      await look()
    }
    await setLimits(store, { 'run:run-1': null }, 'runtime')
    expect(await counted(store)).toBe(1)
  })

  test('is looked up by nobody who does not ask for effects, at no midnight', async () => {
    const daily = { every: 'day', timeZone: 'UTC' } as const
    const { store, run } = await limited(limit({ budgetNano: 9, window: daily }), limit({ wallMs: 9e9 }))
    await claim(store, run)
    // Whoever reads this entry fails.
    ;(store.identity as Connection).database.exec("UPDATE entry SET body = 'no json' WHERE effect IS NOT NULL")
    for (let day = 0; day < 3; day++) {
      const at = AT + day * 86_400_000
      expect(await openHold(store, run, asking(1), at)).toMatchObject({ kind: 'held' })
      expect(await fate(store, run, { at })).toBe('claimed')
      ;(store.identity as Connection).database.exec("UPDATE entry SET body = 'no json' WHERE effect IS NOT NULL")
      expect((await store.readUsage('run:run-1', at))?.limits).toMatchObject([{ heldNano: 1 }, { effects: 0 }])
    }
    await setLimits(store, { 'run:run-1': [one] }, 'runtime')
    await expect(store.readUsage('run:run-1', AT)).rejects.toThrow('malformed JSON')
  })
})

test('verify sees when the effects of a period are not those of its tools', async () => {
  const { store, run } = await limited(limit({ effects: 3 }), limit({ effects: 3, window: { rollingMs: 60_000 } }))
  await claim(store, run)
  expect(await store.verify()).toEqual([])
  ;(store.identity as Connection).database.exec('UPDATE scope_tool SET effects = 2')
  const what = 'the effects of a period are not those of its tools'
  expect(await store.verify()).toMatchObject([{ what }, { what }])
})

describe('what is one effect counts once', () => {
  test('however often it is asked for, tried again or taken over', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store, { limits: [limit({ effects: 3 })] })
    const done = await claim(store, run, { keys: [key(1)] })
    await commit(store, run, done)
    const tried = await claim(store, run, { keys: [key(2)], attempts: 3 })
    await commit(store, run, tried, { kind: 'retry', error: '{}', certainty: 'assumed' })
    await commit(store, run, tried, ASSUMED)
    const again = await claim(store, run, { keys: [key(2)], attempts: 3 })
    await commit(store, run, again, UNKNOWN)
    const takeover = { kind: 'takeover', run, leaseMs: LEASE_MS } as const
    const taken = { id: again.id, epoch: again.epoch, resolution: takeover, by: 'policy', note: null, at: AT } as const
    expect(await store.resolveEffect(taken)).toMatchObject({ kind: 'claimed', generation: 1 })
    const left = await claim(store, run, { keys: [key(3)] })
    expect(await counted(store)).toBe(3)
    expect(await store.claimEffect(claiming(run, { keys: [key(1)] }))).toMatchObject({ kind: 'settled' })
    expect(await store.claimEffect(claiming(run, { keys: [key(3)] }))).toMatchObject({
      kind: 'busy',
      effect: { id: left.id },
    })
    await clock.advance(LEASE_MS + 1)
    const next = await openRun(store)
    expect(await store.claimEffect(claiming(next, { keys: [key(3)] }))).toMatchObject({ kind: 'unknown' })
    expect(await counted(store)).toBe(3)
  })

  test('and its next generation is another one', async () => {
    const { store, run } = await limited(limit({ effects: 2 }))
    for (const generation of [1, 2]) {
      const claimed = await claim(store, run)
      expect(claimed.generation).toBe(generation)
      await commit(store, run, claimed, NOT_APPLIED)
    }
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'limited', spent: 2 })
    expect(await store.readEffect(run.seq, key(1))).toHaveLength(2)
  })

  test('and what undoes it is none', async () => {
    const { store, run } = await limited(limit({ effects: 1 }))
    const { id } = await act(store, run)
    const ref = await fail(store, run)
    await commitUndo(store, await takeUndo(store, ref, id))
    await finishUndo(store, ref)
    expect(await counted(store)).toBe(1)
  })
})

test('of several limits the one that waiting cannot help is named, nearest scope first', async () => {
  const store = openStore(temporaryFile())
  const rate = { of: 'effects', tool: null, count: 1, perMs: 1_000, burst: 1 } as const
  await setLimits(store, { ledger: [limit({ effects: 1 })], [USER]: [limit({ effects: 1 })] })
  const run = await openRun(store, { scopes: [USER], limits: [limit({ rates: [rate] })] })
  await claim(store, run)
  expect(await another(store, run)).toMatchObject({ kind: 'limited', what: 'effects', scope: USER })
  await setLimits(store, { ledger: [], [USER]: [] })
  expect(await another(store, run)).toMatchObject({
    kind: 'limited',
    what: 'rate',
    scope: 'run:run-1',
    resetsAt: AT + 1_000,
  })
  expect(await kindsOf(store)).toEqual(['run-opened', 'limits-set', 'effect-claimed'])
})

test('of the runs above, the nearest one that does not allow it is named', async () => {
  const { store, run } = await limited(limit({ effects: 1 }))
  const within = (parent: RunRef) => ({ parent: { run: parent, lane: 'root', effect: null } })
  const parent = await openRun(store, { id: 'parent', ...within(run), limits: [limit({ effects: 1 })] })
  const child = await openRun(store, { id: 'child', ...within(parent) })
  expect([await fate(store, child), await fate(store, child)]).toEqual(['claimed', 'run:parent'])
})
