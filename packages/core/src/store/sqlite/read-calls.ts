import type { HoldRecord } from '../limit-records.ts'
import type { CallQuery } from '../read-verbs.ts'
import type { AnswerRecord, Body, CallRecord } from '../records.ts'
import { answerKind, callStatus, holdStatus, recordLevel } from './codes.ts'
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
  hold: number | null
  hold_status: number
  nano: number
  tokens: number
  settled_nano: number | null
  settled_tokens: number | null
  exact_usd: string | null
  price_version: string | null
  bounded: number
  estimated: number
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
  beside: number
  record_level: number
  body: string | null
}

const SELECT_CALL = `SELECT c.*, r.id AS run_id, h.status AS hold_status, h.nano, h.tokens, h.settled_nano, h.settled_tokens,
  h.exact_usd, h.price_version, h.bounded, h.estimated
  FROM call c JOIN run r ON r.seq = c.id >> 24 LEFT JOIN hold h ON h.id = c.hold`

/** Reads calls and answers. */
export class CallReader {
  readonly #database: SqliteDatabase
  readonly #call: SqliteStatement<CallRow>
  readonly #known: SqliteStatement<CallRow>
  readonly #body: SqliteStatement<{ body: string | null }>
  readonly #answers: SqliteStatement<AnswerRow>

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#call = database.prepare<CallRow>(`${SELECT_CALL} WHERE c.id = ${PARAMETER}`)
    this.#known = database.prepare<CallRow>(
      `${SELECT_CALL} WHERE c.external_id = ${PARAMETER} ORDER BY c.id DESC LIMIT 1`,
    )
    this.#body = database.prepare('SELECT body FROM answer WHERE id = ?')
    this.#answers = database.prepare('SELECT * FROM answer WHERE id > ? AND id <= ? ORDER BY id LIMIT ?')
  }

  readCall(id: number): CallRecord | null {
    const row = this.#call.get(id)
    return row === undefined ? null : toCall(row)
  }

  findCall(externalId: string): CallRecord | null {
    const row = this.#known.get(externalId)
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
    hold: row.hold === null ? null : toHold(row, row.hold),
    externalId: row.external_id,
    recordLevel: recordLevel(row.record_level),
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}

function toHold(row: CallRow, id: number): HoldRecord {
  return {
    id,
    status: holdStatus(row.hold_status),
    nano: row.nano,
    tokens: row.tokens,
    settledNano: row.settled_nano,
    settledTokens: row.settled_tokens,
    exactUsd: row.exact_usd,
    priceVersion: row.price_version,
    bounded: row.bounded === 1,
    estimated: row.estimated === 1,
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
    beside: row.beside,
  }
}
