import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { SweepRuns, SweptRun } from '../run-verbs.ts'
import type { Store } from '../store.ts'
import { connect } from './driver.ts'
import { SWEEP_QUERIES } from './run-sweep.ts'
import {
  AT,
  claim,
  claiming,
  closing,
  commit,
  key,
  LEASE_MS,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'
import { act, fail, undoing } from './testing/undoing.ts'

async function sweep(store: Store, at = AT): Promise<readonly SweptRun[]> {
  return [...(await sweepOnly(store, 'urgent', at)), ...(await sweepOnly(store, 'idle', at))]
}

async function sweepOnly(store: Store, what: SweepRuns['what'], at = AT): Promise<readonly SweptRun[]> {
  return (await store.sweepRuns({ what, after: 0, limit: 100, at })).runs
}

/** Two processes, and the clock of the second: what time passes there, the first did not renew. */
function processes() {
  const path = temporaryFile()
  const theirs = new ManualClock()
  return { first: openProcess(path), second: openProcess(path, theirs), theirs, path }
}

describe('a sweep', () => {
  test('finds runs whose owner is gone, and makes what they left unknown', async () => {
    const { first, second, theirs } = processes()
    const run = await openRun(first)
    const { id } = await claim(first, run)
    const doubted = await claim(first, run, { keys: [key(2)] })
    await commit(first, run, doubted, UNKNOWN)
    await openRun(second, { id: 'mine' })
    expect(await sweep(second)).toEqual([])
    await theirs.advance(LEASE_MS + 1)
    await second.renewLeases({ runs: [], effects: [] })
    const swept = await sweep(second, AT + 7)
    expect(swept).toMatchObject([
      { run: { id: 'run-1', dead: true, status: 'running' }, expired: 1, pending: 0, lastAt: AT + 7 },
    ])
    expect(swept[0]?.unknown.map((effect) => [effect.id, effect.status])).toEqual([
      [id, 'unknown'],
      [doubted.id, 'unknown'],
    ])
    expect(await sweep(second)).toMatchObject([{ expired: 0, lastAt: AT + 7 }])
  })

  test('finds runs that wait, with what is still to be decided', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const approval = { argsHash: key(9), reason: null, from: 'ledger' } as const
    await store.claimEffect(claiming(run, { approval: { ...approval, expiresAt: null } }))
    await store.claimEffect(claiming(run, { keys: [key(2)], approval: { ...approval, expiresAt: AT + 5 } }))
    await store.closeRun(closing(run, 'waiting'))
    expect(await sweep(store)).toMatchObject([{ run: { status: 'waiting' }, pending: 2, unknown: [] }])
    expect(await sweep(store, AT + 6)).toMatchObject([{ pending: 1 }])
    expect(await store.listApprovals({})).toMatchObject([{ status: 'pending' }, { status: 'expired' }])
  })

  test('finds what is still to be decided below a run that waits too', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const approval = { argsHash: key(9), reason: null, from: 'ledger' } as const
    await store.claimEffect(claiming(child, { approval: { ...approval, expiresAt: null } }))
    await store.claimEffect(claiming(child, { keys: [key(2)], approval: { ...approval, expiresAt: AT + 5 } }))
    await store.closeRun(closing(child, 'waiting'))
    await store.closeRun(closing(run, 'waiting'))
    const { runs } = await store.sweepRuns({ what: 'idle', after: 0, limit: 1, at: AT + 6 })
    expect(runs).toMatchObject([{ run: { id: 'run-1' }, pending: 1 }])
    expect(await store.listApprovals({})).toMatchObject([{ status: 'pending' }, { status: 'expired' }])
  })

  test('has what somebody began to end apart from what may go on', async () => {
    const { first, second, theirs } = processes()
    await openRun(first, { id: 'dead' })
    await first.closeRun(closing(await openRun(first, { id: 'waits' }), 'waiting'))
    const undone = await openRun(first, { id: 'undone' })
    await act(first, undone)
    await fail(first, undone)
    const shared = await openRun(first, { id: 'shared', shared: true })
    await claim(first, shared)
    const ended = await openRun(first, { id: 'ended' })
    await claim(first, ended)
    await first.closeRun(closing(ended, 'failed'))
    await theirs.advance(LEASE_MS + 1)
    const idsOf = async (what: SweepRuns['what']) => (await sweepOnly(second, what)).map(({ run }) => run.id)
    expect(await idsOf('urgent')).toEqual(['undone', 'shared', 'ended'])
    expect(await idsOf('idle')).toEqual(['dead', 'waits'])
  })

  test('finds compensations that nobody goes on with', async () => {
    const { first, second, theirs } = processes()
    const run = await openRun(first)
    await act(first, run)
    await fail(first, run)
    expect(await sweep(second)).toEqual([])
    await theirs.advance(LEASE_MS + 1)
    expect(await sweep(second)).toMatchObject([{ run: { status: 'compensating', dead: true }, unknown: [] }])
    await second.openCompensation(undoing({ which: 'dead' }))
    expect(await sweep(second)).toEqual([])
  })

  test.each(['cancel', 'complete', 'fail'] as const)(
    'looks after what was in flight when the run ended (%s), until its owner is gone too',
    async (how) => {
      const { first, second, theirs, path } = processes()
      const run = await openRun(first)
      const { id } = await claim(first, run)
      if (how === 'cancel') await second.cancelRun({ id: 'run-1', error: '{}', at: AT })
      else await first.closeRun(closing(run, how === 'fail' ? 'failed' : 'completed'))
      expect(await second.verify()).toEqual([])
      expect(await sweep(second)).toEqual([])
      await theirs.advance(LEASE_MS + 1)
      expect(await sweep(second)).toMatchObject([{ expired: 1, unknown: [{ id }] }])
      // Whoever has the tool and asks its hook may come only with a later sweep.
      const [again] = await sweep(second)
      expect(again).toMatchObject({ expired: 0, unknown: [{ id }] })
      const epoch = again?.unknown[0]?.epoch ?? 0
      await second.resolveEffect({
        id,
        epoch,
        resolution: { kind: 'not_applied' },
        by: 'reconcile',
        note: null,
        at: AT,
      })
      expect(await sweep(second)).toEqual([])
      expect(unsettledIn(path)).toEqual([])
      expect(await second.verify()).toEqual([])
    },
  )

  test('expires what a worker of a shared run left, and does not call the run dead', async () => {
    const { first, second, theirs } = processes()
    const run = await openRun(first, { shared: true })
    const { id } = await claim(first, run)
    expect(await sweep(second)).toEqual([])
    await theirs.advance(LEASE_MS + 1)
    expect(await sweep(second)).toMatchObject([{ run: { dead: false, shared: true }, expired: 1, unknown: [{ id }] }])
    expect(await second.claimEffect(claiming(run, { keys: [key(2)] }))).toMatchObject({ kind: 'claimed' })
  })

  test('goes on where the last one stopped, and sees each run once', async () => {
    const store = openStore(temporaryFile())
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      const run = await openRun(store, { id })
      await store.closeRun(closing(run, id < 'c' ? 'waiting' : 'released'))
    }
    const seen: string[] = []
    let after: number | null = 0
    while (after !== null) {
      const page: Awaited<ReturnType<Store['sweepRuns']>> = await store.sweepRuns({
        what: 'idle',
        after,
        limit: 2,
        at: AT,
      })
      expect(page.runs.length).toBeLessThanOrEqual(2)
      seen.push(...page.runs.map(({ run }) => run.id))
      after = page.next
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

test('runs that have ended cost a sweep nothing: each of its queries is one search in a small index', async () => {
  const path = temporaryFile()
  await openRun(openStore(path))
  const database = connect(path, 1_000)
  const plans = [...SWEEP_QUERIES.urgent, ...SWEEP_QUERIES.idle].map((sql) =>
    database
      .prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(0, 10)
      .map(({ detail }) => detail),
  )
  database.close()
  expect(plans).toHaveLength(6)
  for (const plan of plans) {
    expect(plan).toEqual([
      expect.stringMatching(/^SEARCH run USING COVERING INDEX run_(open|shared|undoing|unsettled) \(/),
    ])
  }
})

/** The runs that a sweep still looks into although they have ended. */
function unsettledIn(path: string): readonly unknown[] {
  const database = connect(path, 1_000)
  const found = database.prepare('SELECT id FROM run WHERE unsettled = 1').all()
  database.close()
  return found
}
