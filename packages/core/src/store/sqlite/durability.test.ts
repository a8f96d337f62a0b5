import { expect, test } from 'vitest'
import type { Durability, Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { ask, deciding, TERMS } from './testing/approval-fixture.ts'
import { AT, claim, closing, commit, openRun, openStore, temporaryFile, UNKNOWN } from './testing/fixture.ts'
import { asking, calling, hold, limit, setLimits, settleHold, spent } from './testing/money-fixture.ts'
import { act, commitUndo, fail, finishUndo, takeUndo } from './testing/undoing.ts'

const [NORMAL, FULL] = [1, 2]

/** How far the store's last write was synced: SQLite itself is asked. */
function synced(store: Store): unknown {
  return (store.identity as Connection).database.pragma('synchronous', { simple: true })
}

test.each([
  ['fast', NORMAL, NORMAL],
  ['balanced', FULL, NORMAL],
  ['full', FULL, FULL],
] as const)('%s syncs permissions %i and records %i', async (durability: Durability, permission, record) => {
  const store = openStore(temporaryFile(), { durability })
  const run = await openRun(store)
  const levels = [synced(store)]
  const claimed = await claim(store, run)
  levels.push(synced(store))
  await commit(store, run, claimed, UNKNOWN)
  levels.push(synced(store))
  const decision = { resolution: { kind: 'not_applied' }, by: 'human', note: null, at: AT } as const
  await store.resolveEffect({ id: claimed.id, epoch: claimed.epoch, ...decision })
  levels.push(synced(store))
  await store.closeRun(closing(run, 'released'))
  levels.push(synced(store))
  await store.cancelRun({ id: 'run-1', error: '{}', at: AT })
  levels.push(synced(store))
  expect(levels).toEqual([record, permission, record, permission, record, permission])
})

test('balanced syncs what permits a compensation, and lets what it came to ride', async () => {
  const store = openStore(temporaryFile(), { durability: 'balanced' })
  const run = await openRun(store)
  const { id } = await act(store, run)
  const ref = await fail(store, run)
  const levels = [synced(store)]
  const taken = await takeUndo(store, ref, id)
  levels.push(synced(store))
  await commitUndo(store, taken)
  levels.push(synced(store))
  await finishUndo(store, ref)
  expect([...levels, synced(store)]).toEqual([NORMAL, FULL, NORMAL, NORMAL])
})

test('balanced syncs what humans are asked and what they say', async () => {
  const store = openStore(temporaryFile(), { durability: 'balanced' })
  const run = await openRun(store)
  const asked = await ask(store, run)
  await store.haltRun({ run, error: '{}', at: AT })
  const levels = [synced(store)]
  await store.decideApproval(deciding(asked, 'deny'))
  levels.push(synced(store))
  await store.append({ run, entries: [], unprotected: false })
  levels.push(synced(store))
  await store.requestApproval({ ...TERMS, effect: asked.effect.id, at: AT })
  expect([...levels, synced(store)]).toEqual([NORMAL, FULL, NORMAL, FULL])
})

test('balanced syncs what permits a call, and lets ride what it did cost', async () => {
  const store = openStore(temporaryFile(), { durability: 'balanced' })
  await setLimits(store, { ledger: [limit({ effects: 1 })] })
  const levels = [synced(store)]
  const run = await openRun(store)
  const held = await hold(store, run, 8)
  levels.push(synced(store))
  await settleHold(store, held, spent(8))
  levels.push(synced(store))
  await store.reserve(calling(run, asking(1)))
  levels.push(synced(store))
  await store.expireHolds(AT)
  levels.push(synced(store))
  await setLimits(store, { ledger: [limit({ effects: 2 })] })
  levels.push(synced(store))
  await store.startRead({ run, tool: 'look', at: AT })
  expect([...levels, synced(store)]).toEqual([FULL, FULL, NORMAL, FULL, NORMAL, FULL, NORMAL])
})
