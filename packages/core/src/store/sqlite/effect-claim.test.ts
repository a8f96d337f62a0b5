import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import {
  ASSUMED,
  AT,
  claim,
  claiming,
  closing,
  commit,
  key,
  kindsOf,
  LEASE_MS,
  NOT_APPLIED,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'

describe('a claim', () => {
  test('of a new key is granted, with its row and its entry', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run)
    expect(claimed).toMatchObject({ epoch: 1, generation: 1, attempt: 1, ownerSeq: run.seq })
    const [, entry] = await store.listEntries('run-1', 0, 10)
    expect(entry).toMatchObject({ number: 2, kind: 'effect-claimed', effect: claimed.id })
    expect(JSON.parse(entry?.body ?? '')).toEqual({ tool: 'charge-card', generation: 1, attempt: 1, epoch: 1 })
  })

  test('of a key that is being processed answers busy, and writes nothing', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run)
    const busy = await store.claimEffect(claiming(run))
    expect(busy).toMatchObject({ kind: 'busy', cycle: false, effect: { id: claimed.id, status: 'processing' } })
    expect(await kindsOf(store)).toEqual(['run-opened', 'effect-claimed'])
  })

  test('of a key that succeeded answers the recorded result', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run))
    expect(await store.claimEffect(claiming(run))).toMatchObject({
      kind: 'settled',
      argsDiffer: false,
      effect: { status: 'succeeded', result: '{"id":"ch_1"}' },
    })
  })

  test('after a failure that is known to be without effect starts the next generation', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const first = await claim(store, run)
    await commit(store, run, first, NOT_APPLIED)
    expect(await claim(store, run)).toMatchObject({ generation: 2, attempt: 1, epoch: 2 })
    expect((await store.readEffect(run.seq, first.key)).map(({ status }) => status)).toEqual(['failed', 'processing'])
    const { effects } = await store.readLane(run.seq, 'root')
    expect(effects.map(({ generation, plain }) => [generation, plain])).toEqual([
      [1, false],
      [2, false],
    ])
  })

  test('after an assumed failure runs again in the same generation only while attempts are left', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const first = await claim(store, run)
    await commit(store, run, first, ASSUMED)
    const second = await claim(store, run, { attempts: 2 })
    expect(second).toMatchObject({ id: first.id, generation: 1, attempt: 2, epoch: 2 })
    await commit(store, run, second, ASSUMED)
    const settled = await store.claimEffect(claiming(run, { attempts: 2 }))
    expect(settled).toMatchObject({ kind: 'settled', effect: { status: 'failed', certainty: 'assumed' } })
  })

  test('of an unknown effect answers unknown', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run), UNKNOWN)
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'unknown', effect: { status: 'unknown' } })
  })

  test('finds what a renamed tool stored under its old key, and goes on with that key', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, { keys: [key(7)] }), NOT_APPLIED)
    const renamed = await claim(store, run, { keys: [key(8), key(7)] })
    expect(renamed).toMatchObject({ generation: 2, key: key(7) })
  })

  test('of a scope’s key is shared by runs, and by those alone that name the scope', async () => {
    const store = openStore(temporaryFile())
    const first = await openRun(store)
    const second = await openRun(store, { id: 'run-2' })
    const owner = { kind: 'scope', name: 'thread:t' } as const
    const claimed = await claim(store, first, { owner })
    expect(claimed.ownerSeq).toBe(-2)
    expect(await store.readScope('thread:t')).toBe(-2)
    expect(await store.claimEffect(claiming(second, { owner }))).toMatchObject({ kind: 'busy' })
    expect(await store.claimEffect(claiming(second))).toMatchObject({ kind: 'claimed' })
    const ledger = { kind: 'scope', name: 'ledger' } as const
    expect(await claim(store, second, { owner: ledger })).toMatchObject({ ownerSeq: -1 })
  })
})

describe('other arguments under the same key', () => {
  const mine = { argsHash: key(1) }
  const others = { argsHash: key(2) }

  test('are a conflict for a key that the caller made', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, mine))
    expect(await store.claimEffect(claiming(run, others))).toMatchObject({ kind: 'conflict' })
  })

  test('are a marked hit where the key is over some of them', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, mine))
    const marked = await store.claimEffect(claiming(run, { ...others, onOtherArgs: 'mark' }))
    expect(marked).toMatchObject({ kind: 'settled', argsDiffer: true })
  })

  test('are welcome once the last life is known to be without effect', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, mine), NOT_APPLIED)
    expect(await store.claimEffect(claiming(run, others))).toMatchObject({ kind: 'claimed', generation: 2 })
  })
})

describe('a claim is refused', () => {
  test('when the run was taken over', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.closeRun(closing(run, 'released'))
    await openRun(store)
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'refused', reason: 'fenced', runId: 'run-1' })
  })

  test('when the run was halted, with the error of the halt', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.haltRun({ run, error: '{"name":"LoopDetectedError"}', at: AT })
    expect(await store.claimEffect(claiming(run))).toMatchObject({
      kind: 'refused',
      reason: 'halted',
      halt: '{"name":"LoopDetectedError"}',
    })
  })

  test.each(['closing', 'completed', 'failed'] as const)('when the run is %s', async (to) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.closeRun(closing(run, to))
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'refused', reason: 'closed', status: to })
  })

  test('when an ancestor was taken over, halted or has ended', async () => {
    const store = openStore(temporaryFile())
    const parent = await openRun(store)
    const child = await openRun(store, { id: 'child', parent: { run: parent, lane: 'root', effect: null } })
    await store.haltRun({ run: parent, error: '{}', at: AT })
    expect(await store.claimEffect(claiming(child))).toMatchObject({ reason: 'halted', runId: 'run-1' })
    await store.closeRun(closing(parent, 'failed'))
    expect(await store.claimEffect(claiming(child))).toMatchObject({ reason: 'closed', runId: 'run-1' })
    await openRun(store, { retry: true })
    expect(await store.claimEffect(claiming(child))).toMatchObject({ reason: 'fenced', runId: 'run-1' })
  })
})

describe('an effect whose lease is over', () => {
  test('becomes unknown for whoever claims it next, with a new epoch and an entry', async () => {
    const path = temporaryFile()
    const clock = new ManualClock()
    const store = openProcess(path, clock)
    const run = await openRun(store, { leaseMs: Number.POSITIVE_INFINITY })
    const claimed = await claim(store, run)
    await clock.advance(LEASE_MS)
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'busy', lease: { expired: false } })
    await clock.advance(1)
    expect(await store.claimEffect(claiming(run))).toMatchObject({
      kind: 'unknown',
      effect: { id: claimed.id, status: 'unknown', epoch: 2, certainty: 'in_doubt' },
    })
    expect(await kindsOf(store)).toEqual(['run-opened', 'effect-claimed', 'effect-unknown'])
    expect(await store.verify()).toEqual([])
  })

  test('is not touched by reads: expiry alone changes nothing', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store, { leaseMs: Number.POSITIVE_INFINITY })
    await claim(store, run)
    await clock.advance(10 * LEASE_MS)
    const look = await store.lookEffect(claiming(run))
    expect(look).toMatchObject({ kind: 'found', effect: { status: 'processing', epoch: 1 } })
  })

  test('that never runs out stays busy', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store, { leaseMs: Number.POSITIVE_INFINITY })
    await claim(store, run, { leaseMs: Number.POSITIVE_INFINITY })
    await clock.advance(1_000 * LEASE_MS)
    const busy = await store.claimEffect(claiming(run))
    expect(busy).toMatchObject({ kind: 'busy', lease: { expired: false, remainingMs: Number.POSITIVE_INFINITY } })
  })
})

describe('looking', () => {
  test('finds the newest generation, and nothing for a key or a scope that nobody used', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run), NOT_APPLIED)
    await claim(store, run, { argsHash: key(5) })
    const look = { run, owner: { kind: 'run' }, keys: [key(1)] } as const
    expect(await store.lookEffect(look)).toMatchObject({ effect: { generation: 2 }, argsHash: key(5) })
    expect(await store.lookEffect({ ...look, keys: [key(9)] })).toEqual({ kind: 'found', effect: null, argsHash: null })
    const scoped = await store.lookEffect({ ...look, owner: { kind: 'scope', name: 'user:ann' } })
    expect(scoped).toEqual({ kind: 'found', effect: null, argsHash: null })
  })

  test('is refused as a claim would be', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.haltRun({ run, error: '{}', at: AT })
    expect(await store.lookEffect(claiming(run))).toMatchObject({ kind: 'refused', reason: 'halted' })
    expect(await store.checkRun(run)).toMatchObject({ kind: 'refused', reason: 'halted' })
  })
})
