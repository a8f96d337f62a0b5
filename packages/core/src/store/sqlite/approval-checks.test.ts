import { expect, test } from 'vitest'
import type { Connection } from './connection.ts'
import { approved, ask } from './testing/approval-fixture.ts'
import { key, openRun, openStore, temporaryFile } from './testing/fixture.ts'

test.each([
  ['UPDATE approval SET status = 2 WHERE effect = 1', 'do not agree on whether a human is asked'],
  ['UPDATE effect SET status = 5 WHERE id = 1', 'do not agree on whether a human is asked'],
  ['UPDATE effect SET status = 5 WHERE id = 1', 'may execute by an approval that nobody gave'],
  ['UPDATE effect SET status = 6 WHERE id = 1', 'may execute by an approval that nobody gave, or is denied by nobody'],
  ['UPDATE effect SET status = 0 WHERE id = 1', 'executes although it was refused, or not decided about'],
  ['UPDATE effect SET ended_at = 1 WHERE id = 2', 'has an end although it had none before'],
  ['UPDATE effect SET attempt = 1 WHERE id = 2', 'was executed although it had no status before'],
  [`UPDATE approval SET original = '1' WHERE effect = 1`, 'that was not given has edited arguments'],
  ['UPDATE approval SET effect = 9 WHERE effect = 1', 'is not there'],
])('%s is found', async (damage, problem) => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  await ask(store, run)
  await approved(store, run, { keys: [key(2)] })
  expect(await store.verify()).toEqual([])
  ;(store.identity as Connection).database.exec(damage)
  expect((await store.verify()).map(({ what }) => what)).toContainEqual(expect.stringContaining(problem))
})
