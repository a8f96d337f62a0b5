import { describe, expect, test } from 'vitest'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { AT, closing, key, kindsOf, openRun, openStore, temporaryFile } from './testing/fixture.ts'

async function reserve(store: Store, run: RunRef): Promise<number> {
  const hashes = { exactHash: key(1), maskedHash: key(2), restHash: 'rest' }
  const call = { lane: 'root', provider: 'openai', model: 'gpt-5', request: '{}', effect: null }
  const held = await store.reserve({ run, ...call, ...hashes, at: AT })
  if (held.kind !== 'held') throw new Error(held.kind)
  return held.id
}

const answered = (id: number, response: string) =>
  ({ id, outcome: { kind: 'succeeded', response }, usage: '{"output":2}', externalId: null, at: AT + 1 }) as const

describe('a call that was open when its run was taken over', () => {
  test('is lost, and its answer, when it comes, is recorded once and not served', async () => {
    const store = openStore(temporaryFile())
    const old = await openRun(store)
    const lost = await reserve(store, old)
    await store.closeRun(closing(old, 'released'))
    const heir = await openRun(store)
    expect(await store.readCall(lost)).toMatchObject({ status: 'lost', response: null })

    const made = await reserve(store, heir)
    await store.settle(answered(made, '"the heir acts on this"'))
    expect(await store.settle(answered(lost, '"late"'))).toEqual({ kind: 'settled', hold: null })
    expect(await store.settle(answered(lost, '"later"'))).toEqual({ kind: 'already-settled', hold: null })
    expect(await store.readCall(lost)).toMatchObject({ status: 'lost', response: '"late"', usage: '{"output":2}' })
    expect((await kindsOf(store)).slice(-2)).toEqual(['call-settled', 'call-settled'])

    const { calls } = await store.readLane(heir.seq, 'root')
    expect(calls.map(({ id, status }) => ({ id, status }))).toEqual([
      { id: lost, status: 'lost' },
      { id: made, status: 'succeeded' },
    ])
    expect(await store.verify()).toEqual([])
  })

  test('one that was answered before stays answered', async () => {
    const store = openStore(temporaryFile())
    const old = await openRun(store)
    const id = await reserve(store, old)
    await store.settle(answered(id, '"hi"'))
    await store.closeRun(closing(old, 'released'))
    await openRun(store)
    expect(await store.readCall(id)).toMatchObject({ status: 'succeeded', response: '"hi"' })
  })
})
