import { expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { Approvals } from './approvals.ts'
import type { Connection } from './connection.ts'
import { approved, ask, asking, deciding, TERMS } from './testing/approval-fixture.ts'
import {
  ASSUMED,
  AT,
  claim,
  closing,
  commit,
  key,
  kindsOf,
  LEASE_MS,
  MANY,
  openRun,
  openStore,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'
import { fail, finishUndo, undo } from './testing/undoing.ts'

/** As the verbs that end runs use it; here each call is a transaction of its own. */
function approvalsOf(store: Store): Approvals {
  return new Approvals((store.identity as Connection).database)
}

async function statusesOf(store: Store): Promise<readonly string[]> {
  return (await store.listApprovals({})).map(({ status, effect }) => `${status}: ${effect.status}`)
}

test('what waits in a run and below it is canceled with it, also what has a yes that nothing claimed', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const child = await openRun(store, { id: 'child', parent: { run, lane: 'root', effect: null } })
  const grandchild = await openRun(store, { id: 'grandchild', parent: { run: child, lane: 'root', effect: null } })
  const other = await openRun(store, { id: 'other' })
  await ask(store, run)
  await approved(store, child)
  await commit(store, grandchild, await claim(store, grandchild, { argsHash: TERMS.argsHash }), ASSUMED)
  await ask(store, grandchild, { attempts: 2 })
  await ask(store, other)
  await approved(store, run, { keys: [key(2)] })
  await claim(store, run, asking(run, { keys: [key(2)] }))
  await store.decideApproval(deciding(await ask(store, run, { keys: [key(3)] }), 'deny'))
  const { cursor } = await store.tail(null, MANY)
  approvalsOf(store).cancelUnder(run.seq, AT)
  expect(await statusesOf(store)).toEqual([
    'canceled: canceled',
    'canceled: canceled',
    'canceled: failed',
    'pending: requires_approval',
    'approved: processing',
    'denied: denied',
  ])
  expect((await kindsOf(store, 'grandchild')).at(-1)).toBe('approval-canceled')
  const { entries } = await store.tail(cursor, MANY)
  expect(entries.map(({ stream }) => stream).sort()).toEqual(['child', 'grandchild', 'run-1'])
  expect(await store.verify()).toEqual([])
})

test('questions of a run and of those below it that nobody answered in time are over, and the others are counted', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await ask(store, run, { keys: [key(1)] })
  await ask(store, run, { keys: [key(2)], approval: { ...TERMS, expiresAt: AT + 5 } })
  const child = await openRun(store, { id: 'child', parent: { run, lane: 'root', effect: null } })
  await ask(store, child, { keys: [key(3)], approval: { ...TERMS, expiresAt: AT + 6 } })
  await ask(store, child, { keys: [key(5)], approval: { ...TERMS, expiresAt: AT + 5 } })
  await approved(store, run, { keys: [key(4)], approval: { ...TERMS, expiresAt: AT + 5 } })
  await ask(store, await openRun(store, { id: 'other' }), { approval: { ...TERMS, expiresAt: AT + 5 } })
  expect(approvalsOf(store).expireUnder(run.seq, AT + 5)).toBe(2)
  expect(await statusesOf(store)).toEqual([
    'pending: requires_approval',
    'expired: canceled',
    'pending: requires_approval',
    'expired: canceled',
    'approved: ready',
    'pending: requires_approval',
  ])
  expect(await store.verify()).toEqual([])
})

test('a run that is canceled has nothing waiting any more', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const asked = await ask(store, run)
  await store.cancelRun({ id: 'run-1', error: '{}', at: AT })
  expect(await statusesOf(store)).toEqual(['canceled: canceled'])
  expect(await store.decideApproval(deciding(asked, 'approve', { overrule: true }))).toMatchObject({ kind: 'lost' })
})

test('after a compensation a human is asked about the next generation anew', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await approved(store, run)
  const claimed = await claim(store, run, asking(run, { undo: 'own' }))
  await commit(store, run, claimed)
  const ref = await fail(store, run)
  await undo(store, ref, claimed.id)
  await finishUndo(store, ref)
  const again = await openRun(store, { retry: true })
  const carrying = { undo: 'own', approvedAs: claimed.id } as const
  expect(await ask(store, again, carrying)).toMatchObject({ status: 'pending', effect: { generation: 2 } })
})

test('bodies that are to be dropped are dropped of what a human refused or edited, too', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const secret = { recordLevel: 'hash', argsDigest: key(1), args: '"secret"' } as const
  const refused = await ask(store, run, { ...secret, keys: [key(1)] })
  await store.decideApproval(deciding(refused, 'deny'))
  const edit = { args: '"edited secret"', argsDigest: key(2) }
  const edited = await approved(store, run, { ...secret, keys: [key(2)] }, edit)
  await commit(store, run, await claim(store, run, asking(run, { ...secret, keys: [key(2)] })))
  await store.closeRun(closing(run, 'completed'))
  const [first, second] = await store.listApprovals({})
  expect(first?.effect.args).toBe(`{"$hf":"hash","value":"${key(1).toString('hex')}"}`)
  expect(second?.effect).toMatchObject({
    id: edited.effect.id,
    args: `{"$hf":"hash","value":"${key(2).toString('hex')}"}`,
  })
  expect(second?.original).toBe(`{"$hf":"hash","value":"${key(1).toString('hex')}"}`)
})

test('an effect in doubt that waits for a human still may have happened', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const child = await openRun(store, { id: 'run-1/child', parent: { run, lane: 'root', effect: null } })
  await commit(store, child, await claim(store, child, { argsHash: TERMS.argsHash }), UNKNOWN)
  const [effect] = await store.listEffects({})
  const resolution = { kind: 'takeover', run: child, leaseMs: LEASE_MS, approval: TERMS } as const
  const { id, epoch } = effect ?? { id: 0, epoch: 0 }
  await store.resolveEffect({ id, epoch, resolution, by: 'policy', note: null, at: AT })
  const written = [{ through: 'child', id: 'run-1/child', tool: 'charge-card' }]
  expect((await store.readLane(run.seq, 'root')).below).toEqual(written)
})
