import { expect, test } from 'vitest'
import { deciding, TERMS } from './testing/approval-fixture.ts'
import { AT, claim, commit, LEASE_MS, openRun, openStore, temporaryFile, UNKNOWN } from './testing/fixture.ts'
import { effectOf, fail, finishUndo, leftOf, openUndo } from './testing/undoing.ts'

/** A takeover of something in doubt, about which a human is asked first. */
const ASKING = { leaseMs: LEASE_MS, approval: TERMS } as const
const BY_POLICY = { by: 'policy', note: null, at: AT } as const

test('a no that is overruled while its run is undone does not hide the doubt that it was about', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const { id, epoch } = await claim(store, run, { undo: 'own', argsHash: TERMS.argsHash })
  await commit(store, run, { id, epoch }, UNKNOWN)
  await store.resolveEffect({ id, epoch, ...BY_POLICY, resolution: { kind: 'takeover', run, ...ASKING } })
  await store.decideApproval(deciding({ effect: { id } }, 'deny'))
  const ref = await fail(store, run)
  await store.decideApproval(deciding({ effect: { id } }, 'approve', { overrule: true }))
  expect((await effectOf(store, id)).status).toBe('ready')

  expect(await finishUndo(store, ref)).toMatchObject({ run: { status: 'compensation_failed' } })
  expect(await store.listApprovals({ effect: id })).toMatchObject([{ status: 'canceled' }])
  await openUndo(store)
  expect(await leftOf(store, run.seq)).toEqual([id])
  expect(await store.verify()).toEqual([])
})

test('a question that another run asks about a shared key does not hide a doubt of this one', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const other = await openRun(store, { id: 'other' })
  const owner = { kind: 'scope', name: 'ledger' } as const
  const { id, epoch } = await claim(store, run, { owner, undo: 'own', argsHash: TERMS.argsHash })
  await commit(store, run, { id, epoch }, UNKNOWN)
  await store.resolveEffect({ id, epoch, ...BY_POLICY, resolution: { kind: 'takeover', run: other, ...ASKING } })
  const ref = await fail(store, run)

  expect(await finishUndo(store, ref)).toMatchObject({ run: { status: 'compensation_failed' } })
  expect(await store.listApprovals({ effect: id })).toMatchObject([{ status: 'pending' }])
  await store.decideApproval(deciding({ effect: { id } }, 'deny'))
  await openUndo(store)
  expect(await leftOf(store, run.seq)).toEqual([id])
})
