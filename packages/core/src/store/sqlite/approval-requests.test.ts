import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { RequestApproval } from '../decision-verbs.ts'
import { approved, ask, asking, deciding, TERMS } from './testing/approval-fixture.ts'
import { kill, startChild } from './testing/child.ts'
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
  openProcess,
  openRun,
  openStore,
  SUCCEEDED,
  temporaryFile,
} from './testing/fixture.ts'

const BY_HAND = { argsHash: TERMS.argsHash, byHand: true, approval: null }

function requesting(effect: number, overrides: Partial<RequestApproval> = {}): RequestApproval {
  return { effect, ...TERMS, at: AT, ...overrides }
}

describe('a claim by hand', () => {
  test('becomes a question, and whoever held it is fenced', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run, BY_HAND)
    const answer = await store.requestApproval(requesting(claimed.id))
    expect(answer).toMatchObject({
      kind: 'requested',
      approval: { status: 'pending', effect: { status: 'requires_approval', epoch: 2, attempt: 0 } },
    })
    expect((await store.readLane(run.seq, 'root')).effects).toEqual([])
    const lost = await commit(store, run, claimed, SUCCEEDED)
    expect(lost).toMatchObject({ kind: 'lost', effect: { status: 'requires_approval' } })
    expect(await kindsOf(store)).toEqual(['run-opened', 'effect-claimed', 'approval-requested', 'late-outcome'])
    expect(await store.requestApproval(requesting(claimed.id))).toMatchObject({ kind: 'lost' })
    expect(await store.verify()).toEqual([])
  })

  test('is the first attempt again after a yes', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await claim(store, run, BY_HAND)
    await store.requestApproval(requesting(id))
    await store.decideApproval(deciding({ effect: { id } }, 'approve', { args: '{"cents":50}' }))
    const again = await claim(store, run, BY_HAND)
    expect(again).toMatchObject({ id, attempt: 1, epoch: 3, generation: 1, args: '{"cents":50}' })
    // The yes was for what it edited: the next question is about what was asked for.
    const answer = await store.requestApproval(requesting(id))
    expect(answer).toMatchObject({ approval: { original: null, effect: { args: '{"cents":100}', argsDigest: null } } })
    expect(await store.verify()).toEqual([])
  })

  test('by somebody else than a caller’s hand has begun, and is not asked about', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run, { argsHash: TERMS.argsHash })
    expect(await store.requestApproval(requesting(claimed.id))).toMatchObject({
      kind: 'lost',
      effect: { status: 'processing', epoch: 1 },
    })
  })

  test('that tried before, whose lease is over or whose run is over, may have begun', async () => {
    const clock = new ManualClock()
    const store = openProcess(temporaryFile(), clock)
    const run = await openRun(store, { leaseMs: Number.POSITIVE_INFINITY })
    const tried = await claim(store, run, { ...BY_HAND, keys: [key(1)] })
    await commit(store, run, tried, ASSUMED)
    const again = await claim(store, run, { ...BY_HAND, keys: [key(1)], attempts: 2 })
    const late = await claim(store, run, { ...BY_HAND, keys: [key(2)] })
    const endless = { ...BY_HAND, keys: [key(3)], leaseMs: Number.POSITIVE_INFINITY }
    const closed = await claim(store, run, endless)
    expect(await store.requestApproval(requesting(again.id))).toMatchObject({ kind: 'lost' })
    await clock.advance(LEASE_MS + 1)
    expect(await store.requestApproval(requesting(late.id))).toMatchObject({ kind: 'lost' })
    await store.closeRun(closing(run, 'failed'))
    expect(await store.requestApproval(requesting(closed.id))).toMatchObject({ kind: 'lost' })
  })

  test('of a process that died may have begun, even if it is never taken over', async () => {
    const path = temporaryFile()
    const holder = await startChild('hold-lease.ts', path, 'Infinity', 'by-hand')
    await kill(holder)
    const store = openStore(path)
    const [effect] = await store.listEffects({})
    const answer = await store.requestApproval(requesting(effect?.id ?? 0))
    expect(answer).toMatchObject({ kind: 'lost', effect: { status: 'processing' } })
  })

  test('is not asked about with other arguments than the human would see', async () => {
    const store = openStore(temporaryFile())
    const claimed = await claim(store, await openRun(store), BY_HAND)
    const answer = await store.requestApproval(requesting(claimed.id, { argsHash: key(101) }))
    expect(answer).toMatchObject({ kind: 'lost', effect: { status: 'processing' } })
  })
})

describe('asking again', () => {
  test.each(['deny', 'cancel'] as const)('is possible after a no (%s), in the same generation', async (decision) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await ask(store, run)
    await store.decideApproval(deciding(asked, decision))
    const answer = await store.requestApproval(requesting(asked.effect.id, { reason: 'please', at: AT + 5 }))
    expect(answer).toMatchObject({
      kind: 'requested',
      approval: { status: 'pending', reason: 'please', requestedAt: AT + 5, decidedBy: null, decidedAt: null },
    })
    expect(answer).toMatchObject({ approval: { effect: { generation: 1, endedAt: null } } })
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'awaiting_approval' })
    expect(await store.verify()).toEqual([])
  })

  test('is too late once the key has gone on to its next generation', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await ask(store, run)
    await store.decideApproval(deciding(asked, 'cancel'))
    await claim(store, run, claiming(run, { argsHash: TERMS.argsHash }))
    expect(await store.requestApproval(requesting(asked.effect.id))).toMatchObject({ kind: 'lost' })
  })

  test('is too late once the run is over', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await ask(store, run)
    await store.decideApproval(deciding(asked, 'deny'))
    await store.closeRun(closing(run, 'failed'))
    expect(await store.requestApproval(requesting(asked.effect.id))).toMatchObject({ kind: 'lost' })
  })

  test('is not possible while a yes waits to be claimed', async () => {
    const store = openStore(temporaryFile())
    const asked = await approved(store, await openRun(store))
    const answer = await store.requestApproval(requesting(asked.effect.id))
    expect(answer).toMatchObject({ kind: 'lost', effect: { status: 'ready' } })
  })
})
