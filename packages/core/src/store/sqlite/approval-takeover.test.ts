import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { ClaimEffect, Resolution, ResolveEffect } from '../effect-verbs.ts'
import type { EffectRecord, RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { approved, ask, asking, deciding, TERMS } from './testing/approval-fixture.ts'
import {
  ASSUMED,
  AT,
  claim,
  claiming,
  commit,
  key,
  kindsOf,
  LEASE_MS,
  openProcess,
  openRun,
  openStore,
  SUCCEEDED,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'

interface Doubt {
  readonly store: Store
  readonly run: RunRef
  readonly effect: EffectRecord
}

/** An effect whose outcome nobody knows, and that nobody was asked about. */
async function doubt(overrides: Partial<ClaimEffect> = {}): Promise<Doubt> {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await commit(store, run, await claim(store, run, { argsHash: TERMS.argsHash, ...overrides }), UNKNOWN)
  return { store, run, effect: await only(store) }
}

async function only(store: Store): Promise<EffectRecord> {
  const [effect] = await store.listEffects({})
  if (effect === undefined) throw new Error('The effect is gone')
  return effect
}

function resolving(effect: EffectRecord, resolution: Resolution, by: ResolveEffect['by'] = 'policy'): ResolveEffect {
  return { id: effect.id, epoch: effect.epoch, resolution, by, note: null, at: AT }
}

function takeover(run: RunRef, approval: ClaimEffect['approval'] = TERMS): Resolution {
  return { kind: 'takeover', run, leaseMs: LEASE_MS, approval }
}

describe('a takeover that a human must approve', () => {
  test('executes nothing without a yes: it waits, with its doubt beside the question', async () => {
    const { store, run, effect } = await doubt()
    const answer = await store.resolveEffect(resolving(effect, takeover(run)))
    expect(answer).toMatchObject({
      kind: 'awaiting_approval',
      approval: { status: 'pending', effect: { status: 'requires_approval', attempt: 1, certainty: 'in_doubt' } },
    })
    expect(await store.resolveEffect(resolving(effect, takeover(run)))).toMatchObject({ kind: 'lost' })
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'awaiting_approval' })
    expect(await kindsOf(store)).toEqual(['run-opened', 'effect-claimed', 'effect-unknown', 'approval-requested'])
    expect(await store.verify()).toEqual([])
  })

  test('is granted to a claim after a yes, in the same generation', async () => {
    const { store, run, effect } = await doubt()
    await store.resolveEffect(resolving(effect, takeover(run)))
    await store.decideApproval(deciding({ effect }, 'approve'))
    const claimed = await claim(store, run, asking(run))
    expect(claimed).toMatchObject({ id: effect.id, generation: 1, attempt: 2, epoch: 2 })
    expect(await only(store)).toMatchObject({ status: 'processing', certainty: null, error: null, endedAt: null })
    expect(await store.verify()).toEqual([])
  })

  test.each(['deny', 'cancel'] as const)('leaves the effect unknown after a no (%s)', async (decision) => {
    const { store, run, effect } = await doubt()
    await store.resolveEffect(resolving(effect, takeover(run)))
    await store.decideApproval(deciding({ effect }, decision))
    expect(await only(store)).toEqual(effect)
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'unknown' })
    const again = await store.resolveEffect(resolving(effect, takeover(run)))
    expect(again.kind).toBe(decision === 'deny' ? 'denied' : 'awaiting_approval')
    expect(await store.verify()).toEqual([])
  })

  test('a no stands where the policy asks nobody any more, until somebody overrules it', async () => {
    const { store, run, effect } = await doubt()
    await store.resolveEffect(resolving(effect, takeover(run)))
    await store.decideApproval(deciding({ effect }, 'deny'))
    expect(await store.resolveEffect(resolving(effect, takeover(run, null)))).toMatchObject({ kind: 'denied' })
    const overruled = await store.decideApproval(deciding({ effect }, 'approve', { overrule: true }))
    expect(overruled).toMatchObject({ kind: 'decided', approval: { effect: { status: 'ready' } } })
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'claimed', attempt: 2 })
  })

  test.each([UNKNOWN, ASSUMED])('a no is final once it is known to have had no effect ($kind)', async (outcome) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, { argsHash: TERMS.argsHash }), outcome)
    const effect = await only(store)
    await store.resolveEffect(resolving(effect, takeover(run)))
    await store.decideApproval(deciding({ effect }, 'deny'))
    await store.resolveEffect(resolving(effect, { kind: 'not_applied' }, 'human'))
    const late = await store.decideApproval(deciding({ effect }, 'approve', { overrule: true }))
    expect(late).toMatchObject({ kind: 'lost', approval: { effect: { status: 'failed', certainty: 'not_applied' } } })
  })

  test('leaves the effect unknown when the question expires', async () => {
    const { store, run, effect } = await doubt()
    await store.resolveEffect(resolving(effect, takeover(run, { ...TERMS, expiresAt: AT + 5 })))
    expect(await store.claimEffect(asking(run, { at: AT + 5 }))).toMatchObject({ kind: 'unknown' })
    expect((await kindsOf(store)).at(-1)).toBe('approval-expired')
    expect(await store.verify()).toEqual([])
  })

  test('needs no second yes in the generation that a human approved', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run)
    await commit(store, run, await claim(store, run, asking(run)), UNKNOWN)
    const answer = await store.resolveEffect(resolving(await only(store), takeover(run)))
    expect(answer).toMatchObject({ kind: 'claimed', attempt: 2, args: null })
  })

  test.each([['with', TERMS] as const, ['without', null] as const])(
    'executes the arguments that a human edited, %s terms',
    async (_, terms) => {
      const store = openStore(temporaryFile())
      const run = await openRun(store)
      await approved(store, run, {}, { args: '{"cents":50}' })
      await commit(store, run, await claim(store, run, asking(run)), UNKNOWN)
      const answer = await store.resolveEffect(resolving(await only(store), takeover(run, terms)))
      expect(answer).toMatchObject({ kind: 'claimed', args: '{"cents":50}' })
      expect(await only(store)).toMatchObject({ args: '{"cents":50}' })
    },
  )

  test('with other arguments than its row shows is lost, and a claim says that they conflict', async () => {
    const { store, run, effect } = await doubt()
    const others = { ...TERMS, argsHash: key(101) }
    expect(await store.resolveEffect(resolving(effect, takeover(run, others)))).toMatchObject({ kind: 'lost' })
    const marked = { argsHash: key(101), onOtherArgs: 'mark', approval: others } as const
    expect(await store.claimEffect(asking(run, marked))).toMatchObject({ kind: 'conflict' })
    expect(await store.claimEffect(claiming(run, { ...marked, approval: null }))).toMatchObject({ kind: 'unknown' })
  })

  test('of a failure that may have had an effect is asked about too', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, { argsHash: TERMS.argsHash }), ASSUMED)
    const answer = await store.resolveEffect(resolving(await only(store), takeover(run)))
    expect(answer).toMatchObject({ kind: 'awaiting_approval' })
    await store.decideApproval(deciding({ effect: await only(store) }, 'deny'))
    expect(await only(store)).toMatchObject({ status: 'failed', certainty: 'assumed' })
  })
})

describe('the outcome of an effect that waits becomes known', () => {
  test.each([
    ['applied', 'human', 'succeeded'],
    ['applied', 'reconcile', 'succeeded'],
    ['not_applied', 'human', 'failed'],
  ] as const)('as %s, by a word of %s: there is nothing left to ask', async (kind, by, status) => {
    const { store, run, effect } = await doubt()
    await store.resolveEffect(resolving(effect, takeover(run)))
    const known: Resolution = kind === 'applied' ? { kind, result: '1', kept: true } : { kind }
    expect(await store.resolveEffect(resolving(effect, known, by))).toMatchObject({ kind: 'resolved' })
    expect(await only(store)).toMatchObject({ status })
    expect(await store.listApprovals({})).toMatchObject([{ status: 'canceled', decidedBy: null }])
    expect((await kindsOf(store)).slice(-2)).toEqual(['approval-canceled', 'effect-resolved'])
    expect(await store.verify()).toEqual([])
  })

  test('not by a policy, which knows nothing of the outside', async () => {
    const { store, run, effect } = await doubt()
    await store.resolveEffect(resolving(effect, takeover(run)))
    const answer = await store.resolveEffect(resolving(effect, { kind: 'not_applied' }, 'policy'))
    expect(answer).toMatchObject({ kind: 'lost', effect: { status: 'requires_approval' } })
  })

  test('by the late word of whoever executed it, also after a yes that nothing has claimed', async () => {
    const path = temporaryFile()
    const clock = new ManualClock()
    const store = openProcess(path, clock)
    const run = await openRun(store, { leaseMs: Number.POSITIVE_INFINITY })
    const claimed = await claim(store, run, { argsHash: TERMS.argsHash })
    await clock.advance(LEASE_MS + 1)
    await store.claimEffect(asking(run))
    await store.resolveEffect(resolving(await only(store), takeover(run)))
    await store.decideApproval(deciding({ effect: claimed }, 'approve'))
    expect(await commit(store, run, claimed, SUCCEEDED)).toMatchObject({ kind: 'evidence' })
    expect(await only(store)).toMatchObject({ status: 'succeeded', result: '{"id":"ch_1"}' })
    expect((await kindsOf(store)).slice(-2)).toEqual(['approval-canceled', 'effect-evidence'])
    expect(await store.verify()).toEqual([])
  })

  test('is no news where nobody ever executed it', async () => {
    const store = openStore(temporaryFile())
    const { effect } = await ask(store, await openRun(store))
    const known = { kind: 'applied', result: '1', kept: true } as const
    expect(await store.resolveEffect(resolving(effect, known, 'human'))).toMatchObject({ kind: 'lost' })
    expect(await only(store)).toMatchObject({ status: 'requires_approval' })
  })
})
