import { expect, test } from 'vitest'
import type { Connection } from './connection.ts'
import { AT, claiming, key, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import {
  asking,
  budget,
  CHARGED,
  calling,
  hold,
  limit,
  openHold,
  setLimits,
  settleHold,
  spend,
  spent,
  UNSENT,
} from './testing/money-fixture.ts'

const HELD = 'what a period holds is not'
const SPENT = 'what a period has spent is not'

test.each([
  ['UPDATE scope_period SET held_nano = held_nano + 1 WHERE id = 1', HELD],
  ['UPDATE scope_period SET held_tokens = held_tokens - 1 WHERE id = 1', HELD],
  [`UPDATE scope_period SET held_nano = held_nano + 1 WHERE span LIKE 'rolling %'`, HELD],
  ['UPDATE hold SET nano = nano + 1 WHERE status = 0', HELD],
  ['UPDATE scope_period SET spent_nano = spent_nano + 1 WHERE id = 1', SPENT],
  ['UPDATE scope_period SET spent_tokens = spent_tokens + 1 WHERE id = 2', SPENT],
  ['UPDATE hold SET settled_nano = settled_nano + 1 WHERE status = 1', SPENT],
  ['UPDATE scope_period SET calls = calls + 1 WHERE id = 1', 'the calls of a period are not'],
  [
    `UPDATE scope_period SET spent_nano = 0 WHERE span LIKE 'rolling %'`,
    'a rolling period is not the sum of its buckets',
  ],
  ['UPDATE scope_bucket SET calls = calls + 1', 'a rolling period is not the sum of its buckets'],
  [
    `UPDATE scope_bucket SET spent_nano = spent_nano - 3; UPDATE scope_period SET spent_nano = spent_nano - 3 WHERE span LIKE 'rolling %'`,
    'a bucket is not the sum of what came in during its time',
  ],
  [
    `UPDATE scope_bucket SET spent_tokens = 9; UPDATE scope_period SET spent_tokens = 9 WHERE span LIKE 'rolling %'`,
    'a bucket is not the sum of what came in during its time',
  ],
  [
    `UPDATE scope_bucket SET calls = calls - 1; UPDATE scope_period SET calls = calls - 1 WHERE span LIKE 'rolling %'`,
    'a bucket is not the sum of what came in during its time',
  ],
  [
    `DELETE FROM scope_bucket; UPDATE scope_period SET spent_nano = 0, spent_tokens = 0, calls = 0 WHERE span LIKE 'rolling %'`,
    'a bucket is not the sum of what came in during its time',
  ],
  ['UPDATE scope_bucket SET effects = -1', 'a bucket, or the count of a tool, has less than nothing'],
  [`INSERT INTO scope_tool VALUES (1, 'pay', 0, -1)`, 'a bucket, or the count of a tool, has less than nothing'],
  ['UPDATE scope_period SET effects = effects - 1; UPDATE scope_tool SET effects = 0', 'a run began more effects than'],
  ['DELETE FROM limit_version', 'the number that tells whether limits have changed is missing'],
  ['UPDATE scope_bucket SET period = 99', 'a bucket, or the count of a tool, belongs to no period'],
  ['INSERT INTO scope_tool VALUES (99, 1, 0, 1)', 'a bucket, or the count of a tool, belongs to no period'],
  ['UPDATE scope_period SET effects = -1 WHERE id = 1', 'a period has less than nothing'],
  ['UPDATE hold SET ended_at = 1 WHERE status = 0', 'a hold that has ended has no end or no cost'],
  ['UPDATE hold SET settled_tokens = NULL WHERE status = 1', 'a hold that has ended has no end or no cost'],
  ['UPDATE hold SET settled_nano = 1 WHERE status = 2', 'a hold that was given back cost something'],
  ['UPDATE hold SET settled_nano = 1 WHERE status = 3', 'one that was charged not what was held'],
  ['UPDATE hold SET counted = 0 WHERE status = 1', 'a hold that was given back cost something'],
  ['DELETE FROM hold_leg WHERE hold = 1 AND scope_seq = -1', 'a hold is missing in one of its scopes'],
  ['UPDATE hold_leg SET at = at + 1 WHERE hold = 1', 'a hold is missing in one of its scopes'],
  ['INSERT INTO hold_leg (scope_seq, at, hold) VALUES (-7, 1, 1)', 'or in one that is not its own'],
  ['DELETE FROM hold WHERE id = 1', 'or in one that is not its own'],
  ['UPDATE hold SET run_seq = 7 WHERE id = 1', 'a hold does not count on its own run'],
  ['UPDATE call SET hold = 99', 'a call refers to a hold that is not there'],
  ['UPDATE call SET hold = 5', 'a call refers to a hold that is not there, or is another run’s'],
  ['UPDATE call SET end_entry = 3, ended_at = 1, status = 1', 'a call has its outcome, and its hold is open'],
])('%s is found', async (damage, problem) => {
  const store = openStore(temporaryFile())
  await setLimits(store, { ledger: [budget(100), budget(100, { window: { rollingMs: 1_000 } })] })
  const run = await openRun(store, { limits: [budget(100, { window: { every: 'day', timeZone: 'UTC' } })] })
  await store.reserve(calling(run, asking(4, { inputTokens: 2 })))
  await settleHold(store, await hold(store, run, 8), spent(3, { tokens: 4 }))
  await settleHold(store, await hold(store, run, 8), UNSENT)
  await settleHold(store, await hold(store, run, 5), CHARGED)
  await hold(store, await openRun(store, { id: 'other', at: AT }), 1)
  const acting = await openRun(store, { id: 'acting', limits: [limit({ effects: 9 })] })
  await store.claimEffect(claiming(acting, { keys: [key()] }))
  expect(await store.verify()).toEqual([])
  ;(store.identity as Connection).database.exec(damage)
  expect((await store.verify()).map(({ what }) => what)).toContainEqual(expect.stringContaining(problem))
})

test('what is out of a rolling window, and what a clock that was set back has brought back, is no problem', async () => {
  const store = openStore(temporaryFile())
  await setLimits(store, { ledger: [budget(100, { window: { rollingMs: 60_000 } })] })
  const run = await openRun(store)
  await spend(store, run, 5)
  const late = await hold(store, run, 5, AT + 1)
  // Asks only: what is out is dropped, and nothing else is written.
  expect(await openHold(store, run, asking(101), AT + 86_400_000)).toMatchObject({ kind: 'limited' })
  expect(await store.verify()).toEqual([])
  await settleHold(store, late, spent(3), AT + 2)
  await spend(store, run, 4, AT + 3)
  expect(await store.verify()).toEqual([])
  await spend(store, run, 4, AT + 86_400_000)
  expect(await store.verify()).toEqual([])
  const later = openStore(temporaryFile())
  const old = await openRun(later)
  await spend(later, old, 5)
  await spend(later, old, 6, AT + 86_400_000)
  await setLimits(later, { ledger: [budget(100, { window: { rollingMs: 60_000 } })] })
  await spend(later, old, 7, AT + 86_400_001)
  expect(await later.verify()).toEqual([])
})
