import { expect, test } from 'vitest'
import { encodeValue } from '../codec/value-codec.ts'
import { errorBody } from '../errors/serialize.ts'
import { sha256 } from '../util/hash.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { exportRun } from './export-run.ts'
import { openStore, RecordedRun } from './testing/recorded-run.ts'

test('arguments that a human edited are told as edited when somebody is asked about them anew', async () => {
  const clock = new ManualClock()
  const store = openStore(clock)
  const approval = { argsHash: sha256('a'), reason: null, from: 'ledger', expiresAt: null } as const
  const refund = { args: { cents: 60_000 }, more: { approval } }
  const first = await RecordedRun.open(store, clock, 'r1')
  await first.claim('refund', refund).catch(String)
  const [asked] = await store.listApprovals({})
  await store.decideApproval({
    ...{ effect: asked?.effect.id ?? 0, decision: 'approve', by: 'ann', reason: null, overrule: false },
    ...{ args: encodeValue({ cents: 500 }), at: clock.now() },
  })
  await first.commit(await first.claim('refund', refund), { kind: 'unknown', error: errorBody(new Error('reset')) })
  await first.close('failed')

  const second = await RecordedRun.open(store, clock, 'r1', { retry: true })
  const [effect] = await store.listEffects({})
  if (effect === undefined) throw new Error('no effect')
  const answer = await store.resolveEffect({
    ...{ id: effect.id, epoch: effect.epoch, by: 'policy', note: null, at: clock.now() },
    resolution: { kind: 'takeover', run: second.ref, leaseMs: 60_000, approval },
  })
  expect(answer.kind).toBe('awaiting_approval')
  const { approvals } = await exportRun({ store }, 'r1')
  expect(approvals).toMatchObject([{ status: 'pending', edited: true, args: { cents: 500 } }])
  expect(approvals[0]).not.toHaveProperty('originalArgs')
})
