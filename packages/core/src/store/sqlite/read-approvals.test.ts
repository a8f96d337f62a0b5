import { expect, test } from 'vitest'
import type { ApprovalQuery } from '../decision-verbs.ts'
import { connect } from './driver.ts'
import { migrate } from './migrate.ts'
import { approvalsSql } from './read-approvals.ts'

function planOf(query: ApprovalQuery): string {
  const database = connect(':memory:', 0)
  migrate(database, { mode: 'auto', now: () => 0, warn: () => {} })
  const { sql, values } = approvalsSql(query)
  const steps = database.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
  database.close()
  return steps.map(({ detail }) => detail).join('\n')
}

test.each([
  ['what is pending', { status: ['pending'], thread: 'talk', notExpiredAt: 1 }, /INDEX approval_pending/],
  ['those of a run', { runSeq: 1, status: ['pending'] }, /INDEX approval_run \(run_seq=\?/],
  ['that of an effect', { effect: 1, runSeq: 1 }, /SEARCH a USING INTEGER PRIMARY KEY \(rowid=\?/],
] as const)('looks for %s without reading every approval', (_, query, plan) => {
  expect(planOf(query)).toMatch(plan)
  expect(planOf(query)).not.toMatch(/SCAN (q|f)/)
})
