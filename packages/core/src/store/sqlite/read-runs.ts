import type { RunQuery } from '../read-verbs.ts'
import type { EntryRecord, RunRecord } from '../records.ts'
import { entryKind, RUN_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement, SqliteValue } from './driver.ts'
import { firstId, lastId, numberOf } from './numbering.ts'
import { type RunRow, SELECT_RUN, toRun } from './run-rows.ts'
import { PARAMETER } from './sql.ts'

/** A row of `entry`. */
export interface EntryRow {
  id: number
  at: number
  kind: number
  effect: number | null
  body: string | null
}

/** Reads runs and their streams of entries. */
export class RunReader {
  readonly #context: VerbContext
  readonly #bySeq: SqliteStatement<RunRow>
  readonly #byId: SqliteStatement<RunRow>
  readonly #scope: SqliteStatement<{ seq: number }>
  readonly #entries: SqliteStatement<EntryRow>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#bySeq = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.seq = ${PARAMETER}`)
    this.#byId = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.id = ${PARAMETER}`)
    this.#scope = database.prepare('SELECT seq FROM scope WHERE name = ?')
    this.#entries = database.prepare('SELECT * FROM entry WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?')
  }

  readRun(run: string | number): RunRecord | null {
    const row = typeof run === 'number' ? this.#bySeq.get(run) : this.#byId.get(run)
    return row === undefined ? null : toRun(row, this.#context.leases)
  }

  readScope(name: string): number | null {
    return this.#scope.get(name)?.seq ?? null
  }

  /** Newest first. */
  listRuns(query: RunQuery): readonly RunRecord[] {
    const { conditions, values } = conditionsOf(query)
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
    const sql = `${SELECT_RUN}${where} ORDER BY r.seq DESC LIMIT ?`
    const rows = this.#context.database.prepare<RunRow>(sql).all(...values, query.limit ?? 100)
    return rows.map((row) => toRun(row, this.#context.leases))
  }

  listEntries(stream: string, after: number, limit: number): readonly EntryRecord[] {
    const seq = this.#byId.get(stream)?.seq ?? this.readScope(stream)
    if (seq === null) return []
    return this.#entries.all(firstId(seq) + after + 1, lastId(seq), limit).map((row) => toEntry(row, stream))
  }
}

export function toEntry(row: EntryRow, stream: string): EntryRecord {
  const { id, at, kind, effect, body } = row
  return { stream, number: numberOf(id), at, kind: entryKind(kind), effect, body }
}

function conditionsOf(query: RunQuery): { conditions: string[]; values: SqliteValue[] } {
  const conditions: string[] = []
  const values: SqliteValue[] = []
  const add = (condition: string, ...of: SqliteValue[]) => {
    conditions.push(condition)
    values.push(...of)
  }
  // The codes stand in the SQL itself: only then can the index over open runs be used.
  if (query.status !== undefined)
    conditions.push(`r.status IN (${query.status.map((word) => RUN_CODE[word]).join(', ')})`)
  if (query.name !== undefined) add('r.name = ?', query.name)
  if (query.thread !== undefined) add('r.thread = ?', query.thread)
  if (query.parentSeq !== undefined) add('r.parent_seq = ?', query.parentSeq)
  if (query.before !== undefined) add('r.seq < ?', query.before)
  if (query.tag !== undefined) add('EXISTS (SELECT 1 FROM json_each(r.tags) WHERE value = ?)', query.tag)
  return { conditions, values }
}
