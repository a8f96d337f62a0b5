import { describe, expect, test } from 'vitest'
import type { ClaimEffect, Resolution } from '../effect-verbs.ts'
import type { EffectRecord, RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { approved, ask, asking, deciding, TERMS } from './testing/approval-fixture.ts'
import {
  ASSUMED,
  AT,
  claim,
  claiming,
  closing,
  commit,
  LEASE_MS,
  openRun,
  openStore,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'

const ORIGINAL = '{"cents":100}'
const EDITED = '{"cents":50}'

async function nextAttempt(store: Store, run: RunRef): Promise<RunRef> {
  await store.closeRun(closing(run, 'failed'))
  return openRun(store, { retry: true })
}

async function only(store: Store): Promise<EffectRecord> {
  const effects = await store.listEffects({})
  expect(effects).toHaveLength(1)
  return effects[0] as EffectRecord
}

async function takeOver(store: Store, run: RunRef, approval: ClaimEffect['approval'] = TERMS) {
  const { id, epoch } = await only(store)
  const resolution: Resolution = { kind: 'takeover', run, leaseMs: LEASE_MS, approval }
  return store.resolveEffect({ id, epoch, resolution, by: 'policy', note: null, at: AT })
}

/** An effect of unknown outcome that a human approved, and the next attempt of its run. */
async function doubtInNextAttempt(args: string | null) {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await approved(store, run, {}, { args })
  await commit(store, run, await claim(store, run, asking(run)), UNKNOWN)
  return { store, run: await nextAttempt(store, run) }
}

describe('a yes to one attempt of a run', () => {
  test('is none to a takeover in the next, which asks anew', async () => {
    const { store, run } = await doubtInNextAttempt(null)
    const answer = await takeOver(store, run)
    expect(answer).toMatchObject({
      kind: 'awaiting_approval',
      approval: { status: 'pending', decidedBy: null, edited: false, effect: { attempt: 1, certainty: 'in_doubt' } },
    })
    await store.decideApproval(deciding({ effect: await only(store) }, 'approve'))
    expect(await claim(store, run, asking(run))).toMatchObject({ generation: 1, attempt: 2, args: null })
    expect(await store.verify()).toEqual([])
  })

  test('holds in it after a resume', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run)
    await commit(store, run, await claim(store, run, asking(run)), UNKNOWN)
    await store.closeRun(closing(run, 'released'))
    expect(await takeOver(store, await openRun(store))).toMatchObject({ kind: 'claimed', attempt: 2 })
  })

  test('is none to a claim in the next that repeats a failure', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run)
    await commit(store, run, await claim(store, run, asking(run)), ASSUMED)
    const again = await nextAttempt(store, run)
    expect(await ask(store, again, { attempts: 2 })).toMatchObject({ status: 'pending', effect: { attempt: 1 } })
    expect(await store.verify()).toEqual([])
  })

  test('is enough in the next where nobody has to be asked any more', async () => {
    const { store, run } = await doubtInNextAttempt(EDITED)
    expect(await takeOver(store, run, null)).toMatchObject({ kind: 'claimed', args: EDITED })
  })

  test('that nothing claimed is over in the next, which asks about a new generation', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const denied = await ask(store, run)
    await store.decideApproval(deciding(denied, 'deny'))
    await store.closeRun(closing(run, 'failed'))
    await store.decideApproval(deciding(denied, 'approve', { overrule: true, args: EDITED }))
    const again = await openRun(store, { retry: true })
    expect(await store.lookEffect(asking(again))).toMatchObject({ effect: { status: 'ready' } })
    const asked = await ask(store, again)
    expect(asked).toMatchObject({ status: 'pending', edited: false, effect: { generation: 2, args: ORIGINAL } })
    const [former] = await store.listApprovals({ effect: denied.effect.id })
    expect(former).toMatchObject({ status: 'canceled', original: null, effect: { status: 'canceled', args: ORIGINAL } })
    expect(await store.verify()).toEqual([])
  })

  test('that nothing claimed is enough in the next where nobody has to be asked any more', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const denied = await ask(store, run)
    await store.decideApproval(deciding(denied, 'deny'))
    await store.closeRun(closing(run, 'failed'))
    await store.decideApproval(deciding(denied, 'approve', { overrule: true }))
    const again = await openRun(store, { retry: true })
    expect(await store.claimEffect(asking(again, { approval: null }))).toMatchObject({ kind: 'claimed', generation: 1 })
  })

  test('that overrules a no in the next attempt is one to that', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const denied = await ask(store, run)
    await store.decideApproval(deciding(denied, 'deny'))
    const again = await nextAttempt(store, run)
    expect(await store.claimEffect(asking(again))).toMatchObject({ kind: 'denied' })
    await store.decideApproval(deciding(denied, 'approve', { overrule: true }))
    expect(await store.claimEffect(asking(again))).toMatchObject({ kind: 'claimed', generation: 1 })
  })

  test('is one to another run that shares the key, until the run that asked tries again', async () => {
    const store = openStore(temporaryFile())
    const owner = { kind: 'scope', name: 'ledger' } as const
    const run = await openRun(store)
    await approved(store, run, { owner })
    await commit(store, run, await claim(store, run, asking(run, { owner })), UNKNOWN)
    await store.closeRun(closing(await openRun(store, { id: 'other' }), 'failed'))
    const other = await openRun(store, { id: 'other', retry: true })
    const taken = await takeOver(store, other)
    if (taken.kind !== 'claimed') throw new Error(`Not taken over: ${taken.kind}`)
    await commit(store, other, taken, UNKNOWN)
    await nextAttempt(store, run)
    expect(await takeOver(store, other)).toMatchObject({ kind: 'awaiting_approval' })
  })
})

describe('arguments that a human edited and that were executed', () => {
  test('are what the next attempt asks about, and executes after a yes', async () => {
    const { store, run } = await doubtInNextAttempt(EDITED)
    const answer = await takeOver(store, run)
    expect(answer).toMatchObject({ approval: { edited: true, original: null, effect: { args: EDITED } } })
    await store.decideApproval(deciding({ effect: await only(store) }, 'approve'))
    expect(await claim(store, run, asking(run))).toMatchObject({ args: EDITED, attempt: 2 })
    expect(await only(store)).toMatchObject({ args: EDITED })
    expect(await store.verify()).toEqual([])
  })

  test('stay those of the generation after a no', async () => {
    const { store, run } = await doubtInNextAttempt(EDITED)
    await takeOver(store, run)
    await store.decideApproval(deciding({ effect: await only(store) }, 'cancel'))
    expect(await only(store)).toMatchObject({ status: 'unknown', args: EDITED })
    expect(await takeOver(store, run, null)).toMatchObject({ kind: 'claimed', args: EDITED })
  })

  test('are there again where a second edit is taken back', async () => {
    const { store, run } = await doubtInNextAttempt(EDITED)
    await takeOver(store, run)
    const effect = await only(store)
    await store.decideApproval(deciding({ effect }, 'approve', { args: '{"cents":25}' }))
    expect(await store.listApprovals({})).toMatchObject([{ original: EDITED, effect: { args: '{"cents":25}' } }])
    await store.decideApproval(deciding({ effect }, 'cancel'))
    expect(await store.listApprovals({})).toMatchObject([{ edited: true, original: null, effect: { args: EDITED } }])
    expect(await store.claimEffect(claiming(run, { argsHash: TERMS.argsHash }))).toMatchObject({ kind: 'unknown' })
    expect(await store.verify()).toEqual([])
  })
})
