import { describe, expect, test } from 'vitest'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { counted, fate, limited } from './testing/effect-limit-fixture.ts'
import { AT, closing, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import { limit, setLimits } from './testing/money-fixture.ts'

describe('a read', () => {
  const look = (store: Store, run: RunRef, tool = 'look') => store.startRead({ run, tool, at: AT })
  const batches = (store: Store) => (store.identity as Connection).combiner.counts.batches

  test('counts where a limit counts effects', async () => {
    const { store, run } = await limited(limit({ effects: 2, tools: [{ tool: 'look', effects: 1 }] }))
    expect(await look(store, run)).toEqual({ kind: 'open' })
    expect(await look(store, run)).toMatchObject({ kind: 'limited', tool: 'look' })
    expect(await look(store, run, 'peek')).toEqual({ kind: 'open' })
    expect(await look(store, run, 'peek')).toMatchObject({ kind: 'limited', tool: null })
    expect(await fate(store, run)).toBe('run:run-1')
    expect(await counted(store)).toBe(2)
  })

  test('writes nothing where none does', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { ledger: [limit({ budgetNano: 1, calls: 1, tokens: 1 })] })
    const run = await openRun(store)
    const before = batches(store)
    expect(await look(store, run)).toEqual({ kind: 'open' })
    expect(batches(store)).toBe(before)
    await setLimits(store, { ledger: [limit({ effects: 1 })] })
    expect([(await look(store, run)).kind, (await look(store, run)).kind]).toEqual(['open', 'limited'])
  })

  test('is refused as anything that the run would start', async () => {
    for (const limits of [[], [limit({ effects: 1 })]]) {
      const { store, run } = await limited(...limits)
      await store.haltRun({ run, error: '{}', at: AT })
      expect(await look(store, run)).toMatchObject({ kind: 'refused', reason: 'halted' })
      await store.closeRun(closing(run, 'failed'))
      expect(await look(store, run)).toMatchObject({ kind: 'refused', reason: 'closed' })
    }
  })

  test('does not begin when the time of its run is over', async () => {
    const { store, run } = await limited(limit({ wallMs: 1_000 }))
    expect(await store.startRead({ run, tool: 'look', at: AT + 999 })).toEqual({ kind: 'open' })
    expect(await store.startRead({ run, tool: 'look', at: AT + 1_000 })).toMatchObject({ what: 'wall' })
  })
})
