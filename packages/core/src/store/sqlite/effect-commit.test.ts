import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { SqliteTransaction } from './driver.ts'
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
  SUCCEEDED,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'

describe('a commit', () => {
  test('records the outcome once, and answers the same when it is repeated', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run)
    const committed = await commit(store, run, claimed)
    expect(committed).toEqual({ kind: 'committed', commitSeq: 3, attempt: 1 })
    expect(await commit(store, run, claimed)).toEqual(committed)
    expect(await kindsOf(store)).toEqual(['run-opened', 'effect-claimed', 'effect-succeeded'])
  })

  test('of an attempt that will be repeated counts it and keeps the claim', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run)
    const outcome = { kind: 'retry', error: '{"name":"Busy"}', certainty: 'in_doubt' } as const
    expect(await commit(store, run, claimed, outcome)).toMatchObject({ kind: 'committed', attempt: 2 })
    expect(await commit(store, run, claimed)).toMatchObject({ kind: 'committed', attempt: 2 })
    const [, , retried] = await store.listEntries('run-1', 0, 10)
    expect(retried).toMatchObject({ kind: 'effect-retried' })
    expect(JSON.parse(retried?.body ?? '')).toEqual({ attempt: 1, certainty: 'in_doubt', error: { name: 'Busy' } })
  })

  test('numbers commits over a tree of runs by the entries of its root', async () => {
    const store = openStore(temporaryFile())
    const root = await openRun(store)
    const child = await openRun(store, { id: 'child', parent: { run: root, lane: 'root', effect: null } })
    const first = await commit(store, child, await claim(store, child))
    const second = await commit(store, root, await claim(store, root))
    const third = await commit(store, child, await claim(store, child, { keys: [key(2)] }))
    expect([first, second, third]).toMatchObject([{ commitSeq: 2 }, { commitSeq: 4 }, { commitSeq: 5 }])
    expect(await kindsOf(store)).toEqual([
      'run-opened',
      'child-committed',
      'effect-claimed',
      'effect-succeeded',
      'child-committed',
    ])
    expect(await store.verify()).toEqual([])
  })

  test('of a result that could not be stored says so', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run), { kind: 'succeeded', result: null, kept: false })
    const settled = await store.claimEffect(claiming(run))
    expect(settled).toMatchObject({ effect: { status: 'succeeded', resultKept: false } })
    expect((await store.readLane(run.seq, 'root')).effects).toMatchObject([{ plain: false }])
  })

  test('leaves the first perform’s answer in the row only if it succeeded', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run))
    await commit(store, run, await claim(store, run, { keys: [key(2)] }), ASSUMED)
    expect((await store.readLane(run.seq, 'root')).effects).toMatchObject([{ plain: true }, { plain: false }])
  })
})

describe('late truth', () => {
  test('of an owner that lost only to an expiry settles the effect as evidence', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store, { leaseMs: Number.POSITIVE_INFINITY })
    const claimed = await claim(store, run)
    await clock.advance(LEASE_MS + 1)
    await store.claimEffect(claiming(run))
    const evidence = await commit(store, run, claimed)
    expect(evidence).toMatchObject({ kind: 'evidence', effect: { status: 'succeeded', commitSeq: 4 } })
    expect(await kindsOf(store)).toEqual(['run-opened', 'effect-claimed', 'effect-unknown', 'effect-evidence'])
    expect(await store.verify()).toEqual([])
  })

  test('about an effect that its own owner called unknown settles it', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run)
    expect(await commit(store, run, claimed, UNKNOWN)).toMatchObject({ kind: 'committed', commitSeq: null })
    expect(await commit(store, run, claimed, NOT_APPLIED)).toMatchObject({
      kind: 'evidence',
      effect: { status: 'failed', certainty: 'not_applied', epoch: 1 },
    })
  })

  test('after somebody took the effect over is kept as an entry and changes nothing', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store, { leaseMs: Number.POSITIVE_INFINITY })
    const zombie = await claim(store, run)
    await clock.advance(LEASE_MS + 1)
    const unknown = await store.claimEffect(claiming(run))
    if (unknown.kind !== 'unknown') throw new Error(unknown.kind)
    const resolution = { kind: 'takeover', run, leaseMs: LEASE_MS } as const
    await store.resolveEffect({ ...unknown.effect, resolution, by: 'policy', note: null, at: AT })
    expect(await commit(store, run, zombie)).toMatchObject({ kind: 'lost', effect: { status: 'processing', epoch: 3 } })
    const entries = await store.listEntries('run-1', 0, 10)
    expect(entries.at(-1)).toMatchObject({ kind: 'late-outcome' })
    expect(JSON.parse(entries.at(-1)?.body ?? '')).toEqual({ outcome: 'succeeded', epoch: 1, result: { id: 'ch_1' } })
  })

  test('of an owner before the last one is no evidence about the last one’s attempt', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const first = await claim(store, run)
    await commit(store, run, first, UNKNOWN)
    const resolution = { kind: 'takeover', run, leaseMs: LEASE_MS } as const
    const second = await store.resolveEffect({ ...first, resolution, by: 'policy', note: null, at: AT })
    if (second.kind !== 'claimed') throw new Error(second.kind)
    await commit(store, run, second, UNKNOWN)
    expect(await commit(store, run, first)).toMatchObject({ kind: 'lost', effect: { status: 'unknown' } })
    expect(await commit(store, run, second)).toMatchObject({ kind: 'evidence', effect: { status: 'succeeded' } })
  })

  test('from a run that was taken over is recorded, and tells its caller to stop', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run)
    await store.closeRun(closing(run, 'released'))
    const next = await openRun(store)
    expect(await commit(store, run, claimed)).toMatchObject({ kind: 'evidence', effect: { status: 'succeeded' } })
    expect(await store.claimEffect(claiming(next))).toMatchObject({ kind: 'settled' })
  })

  test('about an attempt that would be repeated ends the effect where the run was taken over', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run)
    await store.cancelRun({ id: 'run-1', error: '{}', at: AT })
    const outcome = { kind: 'retry', error: '{}', certainty: 'in_doubt' } as const
    expect(await commit(store, run, claimed, outcome)).toMatchObject({
      kind: 'evidence',
      effect: { status: 'unknown', attempt: 1 },
    })
  })
})

describe('a commit in the user’s own transaction', () => {
  const insert = (transaction: unknown) => {
    ;(transaction as SqliteTransaction).prepare('INSERT INTO shop VALUES (?)').run('sold')
  }
  async function shop() {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const create = await claim(store, run, { keys: [key(9)] })
    await commit(store, run, create, SUCCEEDED, (transaction) => {
      ;(transaction as SqliteTransaction).prepare('CREATE TABLE shop (item TEXT)').run()
    })
    const sold = async () => {
      const rows: unknown[] = []
      const look = await claim(store, run, { keys: [key()] })
      await commit(store, run, look, SUCCEEDED, (transaction) => {
        rows.push(...(transaction as SqliteTransaction).prepare('SELECT item FROM shop').all())
      })
      return rows
    }
    return { store, run, claimed: await claim(store, run), sold }
  }

  test('commits the user’s rows with the effect', async () => {
    const { store, run, claimed, sold } = await shop()
    expect(await commit(store, run, claimed, SUCCEEDED, insert)).toMatchObject({ kind: 'committed' })
    expect(await sold()).toEqual([{ item: 'sold' }])
  })

  test('undoes both when the callback throws, and rejects with its error', async () => {
    const { store, run, claimed, sold } = await shop()
    const error = new Error('out of stock')
    const committing = commit(store, run, claimed, SUCCEEDED, (transaction) => {
      insert(transaction)
      throw error
    })
    await expect(committing).rejects.toBe(error)
    expect(await sold()).toEqual([])
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'busy' })
  })

  test('refuses a callback that returns a promise, and undoes both', async () => {
    const { store, run, claimed, sold } = await shop()
    const committing = commit(store, run, claimed, SUCCEEDED, async (transaction) => insert(transaction))
    await expect(committing).rejects.toThrow(/must be synchronous/)
    expect(await sold()).toEqual([])
  })

  test('refuses the ledger itself inside the callback: it would wait for its own lock', async () => {
    const { store, run, claimed } = await shop()
    let inner: Promise<unknown>[] = []
    await commit(store, run, claimed, SUCCEEDED, () => {
      inner = [store.readRun('run-1'), store.haltRun({ run, error: '{}', at: AT })]
    })
    for (const promise of inner) await expect(promise).rejects.toThrow(/inside a tool's commit callback/)
    expect(await store.checkRun(run)).toEqual({ kind: 'open' })
  })

  test('refuses a callback that ends the transaction', async () => {
    const { store, run, claimed } = await shop()
    const committing = commit(store, run, claimed, SUCCEEDED, (transaction) => {
      ;(transaction as SqliteTransaction).prepare('ROLLBACK').run()
    })
    await expect(committing).rejects.toThrow(/leave BEGIN and COMMIT to the ledger/)
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'busy' })
  })

  test('is not run for an outcome that came too late', async () => {
    const { store, run, claimed, sold } = await shop()
    await commit(store, run, claimed, UNKNOWN)
    await store.resolveEffect({
      ...{ id: claimed.id, epoch: 1, by: 'human', note: null, at: AT },
      resolution: { kind: 'not_applied' },
    })
    expect(await commit(store, run, claimed, SUCCEEDED, insert)).toMatchObject({ kind: 'lost' })
    expect(await sold()).toEqual([])
  })
})
