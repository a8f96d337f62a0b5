import { expect, test } from 'vitest'
import { connect } from './driver.ts'
import { claim, closing, commit, key, NOT_APPLIED, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import { act, fail, finishUndo, undo } from './testing/undoing.ts'

/** A ledger with something of everything, and a hand that damages it. */
async function damaged(sql: string) {
  const path = temporaryFile()
  const store = openStore(path)
  const run = await openRun(store)
  await commit(store, run, await claim(store, run))
  const child = await openRun(store, { id: 'child', parent: { run, lane: 'root', effect: null } })
  await commit(store, child, await claim(store, child))
  const failing = await claim(store, run, { keys: [key(2)] })
  await commit(store, run, failing, NOT_APPLIED)
  await commit(store, run, await claim(store, run, { keys: [key(2)] }))
  const call = { lane: 'root', provider: 'openai', model: 'gpt-5', exactHash: key(3), maskedHash: key(3), restHash: '' }
  const held = await store.reserve({ run, ...call, request: '{}', effect: null, at: 1 })
  if (held.kind !== 'held') throw new Error(held.kind)
  const outcome = { kind: 'succeeded', response: '{}' } as const
  await store.settle({ id: held.id, outcome, usage: null, externalId: null, at: 2 })
  const answer = { lane: 'root', key: key(1), kind: 'hit', name: 'charge-card', effect: 1, generation: 1 } as const
  await store.recordAnswers(run, [{ ...answer, failed: false, body: null }])
  await store.closeRun(closing(child, 'completed'))
  const undone = await openRun(store, { id: 'undone' })
  const { id } = await act(store, undone)
  const ref = await fail(store, undone)
  await undo(store, ref, id)
  await finishUndo(store, ref)
  expect(await store.verify()).toEqual([])
  const database = connect(path, 1_000)
  database.exec(sql)
  database.close()
  return store.verify()
}

test.each([
  ['a stream of entries has a gap', 'DELETE FROM entry WHERE id = (1 << 24) + 3'],
  ['a stream of entries has a gap', 'UPDATE entry SET id = id + 100 WHERE id = (2 << 24) + 1'],
  ['entries belong to no run and no scope', 'INSERT INTO entry (id, at, kind) VALUES ((77 << 24) + 1, 0, 23)'],
  ['an entry tells of an effect that is not there', 'UPDATE entry SET effect = 999 WHERE id = (1 << 24) + 2'],
  ['a run has no entry of its opening', 'UPDATE entry SET kind = 23 WHERE id = (1 << 24) + 1'],
  ['a run that has ended has no end', `UPDATE run SET ended_at = NULL WHERE id = 'child'`],
  ['an effect has no entry of its claim', 'UPDATE effect SET claim_entry = 99 WHERE id = 1'],
  ['an effect that succeeded has no place', 'UPDATE effect SET commit_seq = NULL WHERE id = 1'],
  ['an effect has a result, although', 'UPDATE effect SET result_kept = 0 WHERE id = 1'],
  ['an effect has an outcome and no end', 'UPDATE effect SET ended_at = NULL WHERE id = 1'],
  ['an effect failed and nobody said how certain', 'UPDATE effect SET certainty = NULL WHERE status = 2'],
  ['the generations of a key have a gap', 'UPDATE effect SET generation = 5 WHERE generation = 2'],
  ['an effect was started again', 'UPDATE effect SET status = 1, commit_seq = 90 WHERE status = 2'],
  [
    'an effect was started again',
    'UPDATE effect SET status = 10, undo_attempt = 1, undo_error = 1, commit_seq = 90 WHERE status = 2',
  ],
  ['an effect was undone and has no time', 'UPDATE effect SET undone_at = NULL WHERE status = 9'],
  ['an effect was undone and has no time', 'UPDATE effect SET undone_at = 1 WHERE id = 1'],
  ['an effect is said to be undone', 'UPDATE effect SET status = 8 WHERE id = 1'],
  ['an effect is said to be undone', 'UPDATE effect SET status = 9, undone_at = 1 WHERE id = 1'],
  ['a compensation failed and nobody said why', 'UPDATE effect SET status = 10, undo_attempt = 1 WHERE id = 1'],
  ['a run was compensated and has', 'UPDATE effect SET status = 1, undone_at = NULL WHERE status = 9'],
  ['a run has ended, and nobody will look after', 'UPDATE effect SET status = 0, ended_at = NULL WHERE run_seq = 2'],
  ['two commits of one tree', 'UPDATE effect SET commit_seq = 3 WHERE id = 2'],
  ['a commit and the entry that its place names', 'UPDATE effect SET commit_seq = 1 WHERE id = 2'],
  ['an answer refers to an effect', 'UPDATE answer SET effect = 999'],
  ['answers or calls belong to no run', 'UPDATE answer SET id = (77 << 24) + 1'],
  ['a call that has ended has no end', 'UPDATE call SET ended_at = NULL'],
])('verify finds that %s', async (what, sql) => {
  const problems = await damaged(sql)
  expect(problems.map((problem) => problem.what)).toContainEqual(expect.stringContaining(what))
  expect(problems[0]?.where).toMatch(/\S/)
})
