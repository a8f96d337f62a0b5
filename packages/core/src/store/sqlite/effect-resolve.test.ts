import { describe, expect, test } from 'vitest'
import type { Resolution } from '../effect-verbs.ts'
import type { EffectRecord, RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { kill, startChild } from './testing/child.ts'
import {
  AT,
  claim,
  claiming,
  closing,
  commit,
  kindsOf,
  LEASE_MS,
  MANY,
  openRun,
  openStore,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'

async function unknownEffect(): Promise<{ store: Store; run: RunRef; effect: EffectRecord }> {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await commit(store, run, await claim(store, run), UNKNOWN)
  const [effect] = await store.listEffects({ runSeq: run.seq })
  if (effect === undefined) throw new Error('The effect is gone')
  return { store, run, effect }
}

function resolve(store: Store, effect: EffectRecord, resolution: Resolution): ReturnType<Store['resolveEffect']> {
  const { id, epoch } = effect
  return store.resolveEffect({ id, epoch, resolution, by: 'human', note: '{"who":"ann"}', at: AT })
}

test('an effect that is never taken over can be decided about by a human, once its owner is dead', async () => {
  const path = temporaryFile()
  const holder = await startChild('hold-lease.ts', path, 'Infinity')
  const store = openStore(path)
  const [held] = await store.listEffects({})
  const applied = { kind: 'applied', result: '1', kept: true } as const
  expect(await resolve(store, held as EffectRecord, applied)).toMatchObject({ kind: 'lost' })
  await kill(holder)
  const { id, epoch } = held as EffectRecord
  const byHook = { id, epoch, resolution: applied, by: 'reconcile', note: null, at: AT } as const
  expect(await store.resolveEffect(byHook)).toMatchObject({ kind: 'lost', effect: { status: 'processing' } })
  expect(await resolve(store, held as EffectRecord, applied)).toMatchObject({
    kind: 'resolved',
    effect: { status: 'succeeded', result: '1' },
  })
})

describe('an unknown effect', () => {
  test('is run again by one of those who want to, with a new epoch and attempt', async () => {
    const { store, run, effect } = await unknownEffect()
    const takeover = { kind: 'takeover', run, leaseMs: LEASE_MS } as const
    const answers = await Promise.all([resolve(store, effect, takeover), resolve(store, effect, takeover)])
    expect(answers.map(({ kind }) => kind)).toEqual(['claimed', 'lost'])
    expect(answers[0]).toMatchObject({ id: effect.id, epoch: 2, attempt: 2, generation: 1 })
    expect(await kindsOf(store)).toEqual(['run-opened', 'effect-claimed', 'effect-unknown', 'effect-taken-over'])
  })

  test('is settled with the result that somebody found out', async () => {
    const { store, run, effect } = await unknownEffect()
    const applied = { kind: 'applied', result: '{"id":"ch_9"}', kept: true } as const
    expect(await resolve(store, effect, applied)).toMatchObject({
      kind: 'resolved',
      effect: { status: 'succeeded', result: '{"id":"ch_9"}', commitSeq: 4, certainty: null },
    })
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'settled' })
    const entries = await store.listEntries('run-1', 0, MANY)
    expect(JSON.parse(entries.at(-1)?.body ?? '')).toEqual({
      decision: 'applied',
      by: 'human',
      attempt: 1,
      note: { who: 'ann' },
    })
    expect(await store.verify()).toEqual([])
  })

  test('that did not happen starts its next generation', async () => {
    const { store, run, effect } = await unknownEffect()
    await resolve(store, effect, { kind: 'not_applied' })
    expect(await store.claimEffect(claiming(run))).toMatchObject({ kind: 'claimed', generation: 2 })
  })

  test('stays unknown where nobody knows, which is on record', async () => {
    const { store, effect } = await unknownEffect()
    const answer = await resolve(store, effect, { kind: 'unknown' })
    expect(answer).toMatchObject({ kind: 'resolved', effect: { status: 'unknown', epoch: 1 } })
    expect((await kindsOf(store)).at(-1)).toBe('effect-resolved')
  })

  test('of a run that has ended can still be resolved, and readers of all streams learn it', async () => {
    const { store, run, effect } = await unknownEffect()
    await store.closeRun(closing(run, 'failed'))
    const { cursor } = await store.tail(null, MANY)
    await resolve(store, effect, { kind: 'not_applied' })
    expect((await store.tail(cursor, MANY)).entries).toMatchObject([{ kind: 'effect-resolved', stream: 'run-1' }])
  })

  test('is not run again for a run that may start nothing', async () => {
    const { store, run, effect } = await unknownEffect()
    await store.haltRun({ run, error: '{}', at: AT })
    const answer = await resolve(store, effect, { kind: 'takeover', run, leaseMs: LEASE_MS })
    expect(answer).toMatchObject({ kind: 'refused', reason: 'halted' })
  })

  test('is not resolved by whoever knew an older epoch of it', async () => {
    const { store, effect } = await unknownEffect()
    const answer = await resolve(store, { ...effect, epoch: effect.epoch - 1 }, { kind: 'not_applied' })
    expect(answer).toMatchObject({ kind: 'lost', effect: { status: 'unknown' } })
  })
})

test('an effect that is no longer unknown is not resolved', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await commit(store, run, await claim(store, run))
  const [effect] = await store.listEffects({ runSeq: run.seq })
  const answer = await resolve(store, effect as EffectRecord, { kind: 'not_applied' })
  expect(answer).toMatchObject({ kind: 'lost', effect: { status: 'succeeded' } })
})
