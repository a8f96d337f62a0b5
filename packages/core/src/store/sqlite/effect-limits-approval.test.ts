import { describe, expect, test } from 'vitest'
import { approved, ask, asking, deciding, TERMS } from './testing/approval-fixture.ts'
import { counted, everything, limited } from './testing/effect-limit-fixture.ts'
import { ASSUMED, AT, claim, commit, key, NOT_APPLIED } from './testing/fixture.ts'
import { limit, setLimits } from './testing/money-fixture.ts'

describe('an effect that a human has to approve', () => {
  test('counts when it is executed, and not when it is asked for', async () => {
    const { store, run } = await limited(limit({ effects: 2 }))
    await approved(store, run)
    expect(await counted(store)).toBe(0)
    await claim(store, run, { keys: [key(2)] })
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'claimed' })
    expect(await counted(store)).toBe(2)
    const question = await store.claimEffect(asking(run, { keys: [key(3)] }))
    expect(question).toMatchObject({ kind: 'limited', spent: 2 })
    expect(await store.readEffect(run.seq, key(3))).toEqual([])
  })

  test('stays approved where a limit is against it, and is executed when there is room', async () => {
    const { store, run } = await limited(limit({ effects: 1 }))
    const { effect } = await approved(store, run)
    await claim(store, run, { keys: [key(2)] })
    const before = everything(store)
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'limited', what: 'effects' })
    expect(everything(store)).toBe(before)
    await setLimits(store, { 'run:run-1': [limit({ effects: 2 })] })
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'claimed', id: effect.id, attempt: 1 })
  })

  test('is not held back by a pace before it is executed', async () => {
    const rate = { of: 'effects', tool: null, count: 1, perMs: 1_000, burst: 1 } as const
    const { store, run } = await limited(limit({ rates: [rate] }))
    await claim(store, run, { keys: [key(2)] })
    await store.decideApproval(deciding(await ask(store, run), 'approve'))
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'limited', what: 'rate' })
    expect(await store.claimEffect(asking(run, { at: AT + 1_000 }))).toMatchObject({ kind: 'claimed' })
  })

  test('counts once where an earlier attempt of it had begun before', async () => {
    const { store, run } = await limited(limit({ effects: 1 }))
    const first = await claim(store, run, { argsHash: TERMS.argsHash, attempts: 2 })
    await commit(store, run, first, ASSUMED)
    await approved(store, run, { attempts: 2 })
    expect(await store.claimEffect(asking(run, { attempts: 2 }))).toMatchObject({ kind: 'claimed', attempt: 2 })
    expect(await counted(store)).toBe(1)
  })

  test('counts in its next generation when its yes carries over', async () => {
    const { store, run } = await limited(limit({ effects: 2 }))
    const { effect } = await approved(store, run)
    const first = await claim(store, run, { argsHash: TERMS.argsHash, approval: TERMS })
    await commit(store, run, first, NOT_APPLIED)
    const again = asking(run, { approvedAs: effect.id })
    expect(await store.claimEffect(again)).toMatchObject({ kind: 'claimed', generation: 2 })
    expect(await counted(store)).toBe(2)
  })
})
