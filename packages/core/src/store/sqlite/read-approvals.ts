import type { ApprovalQuery } from '../decision-verbs.ts'
import type { ApprovalRecord } from '../records.ts'
import { type ApprovalRow, toApproval } from './approval-rows.ts'
import { APPROVAL_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteValue } from './driver.ts'
import { EffectFinder } from './effect-finder.ts'
import { toEffect } from './effect-rows.ts'

/** Reads what humans are asked, and what they said. */
export class ApprovalReader {
  readonly #database: SqliteDatabase
  readonly #finder: EffectFinder

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#finder = new EffectFinder(database)
  }

  /** By effect id. */
  listApprovals(query: ApprovalQuery): readonly ApprovalRecord[] {
    const { sql, values } = approvalsSql(query)
    const rows = this.#database.prepare<ApprovalRow>(sql).all(...values)
    return rows.map((row) => toApproval(row, toEffect(this.#finder.byId(row.effect))))
  }
}

/** The statement for a query, with its values. */
export function approvalsSql(query: ApprovalQuery): { readonly sql: string; readonly values: readonly SqliteValue[] } {
  const { conditions, values } = conditionsOf(query)
  const sql = `SELECT a.*, q.thread FROM approval a ${indexFor(query)} CROSS JOIN run q ON q.seq = a.run_seq
    CROSS JOIN effect f ON f.id = a.effect WHERE ${conditions.join(' AND ')} ORDER BY a.effect LIMIT ?`
  return { sql, values: [...values, query.limit ?? 100] }
}

/** Named, because the planner would rather read everything in the order of effects than sort the few that are open. */
function indexFor({ effect, runSeq, status }: ApprovalQuery): string {
  if (effect !== undefined) return ''
  if (runSeq !== undefined) return 'INDEXED BY approval_run'
  const isPendingOnly = status?.length === 1 && status[0] === 'pending'
  return isPendingOnly ? 'INDEXED BY approval_pending' : ''
}

function conditionsOf(query: ApprovalQuery): { conditions: string[]; values: SqliteValue[] } {
  const { effect, runSeq, status, tool, thread, notExpiredAt, after } = query
  const conditions: string[] = []
  const values: SqliteValue[] = []
  const add = (condition: string, value: SqliteValue) => {
    conditions.push(condition)
    values.push(value)
  }
  add('a.effect > ?', after ?? 0)
  // The codes stand in the SQL itself: only then can the index over those that are open be used.
  if (status?.length === 1 && status[0] !== undefined) conditions.push(`a.status = ${APPROVAL_CODE[status[0]]}`)
  else if (status !== undefined)
    conditions.push(`a.status IN (${status.map((word) => APPROVAL_CODE[word]).join(', ')})`)
  if (effect !== undefined) add('a.effect = ?', effect)
  if (runSeq !== undefined) add('a.run_seq = ?', runSeq)
  if (tool !== undefined) add('f.tool = ?', tool)
  if (thread !== undefined) add('q.thread = ?', thread)
  if (notExpiredAt !== undefined)
    add(`(a.status <> ${APPROVAL_CODE.pending} OR a.expires_at IS NULL OR a.expires_at > ?)`, notExpiredAt)
  return { conditions, values }
}
