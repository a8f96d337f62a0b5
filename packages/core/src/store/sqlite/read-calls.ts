import type { CallQuery } from '../read-verbs.ts'
import type { AnswerRecord, Body, CallRecord } from '../records.ts'
import { answerKind, callStatus, recordLevel } from './codes.ts'
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './driver.ts'
import { firstId, lastId, ownerOf } from './numbering.ts'
import { PARAMETER } from './sql.ts'

interface CallRow {
  id: number
  run_id: string
  status: number
  lane: string
  ordinal: number
  provider: string
  model: string
  exact_hash: Buffer
  masked_hash: Buffer
  started_at: number
  ended_at: number | null
  external_id: string | null
  record_level: number
  usage: string | null
  request: string
  response: string | null
  error: string | null
}

interface AnswerRow {
  id: number
  lane: string
  key: Buffer
  kind: number
  name: string
  effect: number | null
  generation: number
  failed: number
  at: number
  record_level: number
  body: string | null
}

const SELECT_CALL = 'SELECT c.*, r.id AS run_id FROM call c JOIN run r ON r.seq = c.id >> 24'

/** Reads calls and answers. */
export class CallReader {
  readonly #database: SqliteDatabase
  readonly #call: SqliteStatement<CallRow>
  readonly #body: SqliteStatement<{ body: string | null }>
  readonly #answers: SqliteStatement<AnswerRow>

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#call = database.prepare<CallRow>(`${SELECT_CALL} WHERE c.id = ${PARAMETER}`)
    this.#body = database.prepare('SELECT body FROM answer WHERE id = ?')
    this.#answers = database.prepare('SELECT * FROM answer WHERE id > ? AND id <= ? ORDER BY id LIMIT ?')
  }

  readCall(id: number): CallRecord | null {
    const row = this.#call.get(id)
    return row === undefined ? null : toCall(row)
  }

  listCalls({ runSeq, model, after = 0, limit = 1000 }: CallQuery): readonly CallRecord[] {
    const conditions = ['c.id > ?', 'c.id <= ?']
    const range =
      runSeq === undefined ? [after, Number.MAX_SAFE_INTEGER] : [Math.max(after, firstId(runSeq)), lastId(runSeq)]
    const values: SqliteValue[] = [...range]
    if (model !== undefined) {
      conditions.push('c.model = ?')
      values.push(model)
    }
    const sql = `${SELECT_CALL} WHERE ${conditions.join(' AND ')} ORDER BY c.id LIMIT ?`
    return this.#database
      .prepare<CallRow>(sql)
      .all(...values, limit)
      .map(toCall)
  }

  readAnswer(id: number): Body | null {
    return this.#body.get(id)?.body ?? null
  }

  listAnswers(runSeq: number, after: number, limit: number): readonly AnswerRecord[] {
    return this.#answers.all(Math.max(after, firstId(runSeq)), lastId(runSeq), limit).map(toAnswer)
  }
}

function toCall(row: CallRow): CallRecord {
  return {
    id: row.id,
    runSeq: ownerOf(row.id),
    runId: row.run_id,
    lane: row.lane,
    ordinal: row.ordinal,
    provider: row.provider,
    model: row.model,
    status: callStatus(row.status),
    exactHash: row.exact_hash,
    maskedHash: row.masked_hash,
    request: row.request,
    response: row.response,
    error: row.error,
    usage: row.usage,
    externalId: row.external_id,
    recordLevel: recordLevel(row.record_level),
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}

function toAnswer(row: AnswerRow): AnswerRecord {
  return {
    id: row.id,
    runSeq: ownerOf(row.id),
    lane: row.lane,
    key: row.key,
    kind: answerKind(row.kind),
    name: row.name,
    effect: row.effect,
    generation: row.generation,
    failed: row.failed === 1,
    body: row.body,
    recordLevel: recordLevel(row.record_level),
    at: row.at,
  }
}
