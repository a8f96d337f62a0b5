import type { LaneCall, LaneEffect, LaneHistory } from '../read-verbs.ts'
import type { AnswerRecord, EntryKind } from '../records.ts'
import { answerKind, callStatus, ENTRY_CODE, effectStatus, recordLevel } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { FailedBodies } from './failed-bodies.ts'
import { LowerWrites } from './lower-writes.ts'
import { firstId, lastId, numberOf, ownerOf } from './numbering.ts'
import { CLAIM_ENTRIES } from './subtree-sql.ts'

interface AnswerRow {
  id: number
  lane: string
  key: Buffer
  kind: number
  name: string
  effect: number | null
  generation: number
  failed: number
  record_level: number
  at: number
  beside: number
}

interface LaneEffectRow {
  id: number
  key: Buffer
  generation: number
  tool: string
  status: number
  caller_keyed: number
  plain: number
  calls_seen: number
  claim_entry: number
}

interface LaneCallRow {
  id: number
  ordinal: number
  status: number
  exact_hash: Buffer
  masked_hash: Buffer
  rest_hash: string
  end_entry: number | null
  at: number
}

/** Reads what one lane of a run recorded: what a resumed execution is answered from. */
export class LaneReader {
  readonly #run: SqliteStatement<{ history_from: number; attempt: number }>
  readonly #answers: SqliteStatement<AnswerRow>
  readonly #effects: SqliteStatement<LaneEffectRow>
  readonly #calls: SqliteStatement<LaneCallRow>
  readonly #entries: SqliteStatement<{ id: number; effect: number | null }>
  readonly #lower: LowerWrites
  readonly #failed: FailedBodies

  constructor(database: SqliteDatabase) {
    this.#run = database.prepare('SELECT history_from, attempt FROM run WHERE seq = ?')
    this.#answers = database.prepare(ANSWERS)
    this.#effects = database.prepare(EFFECTS)
    this.#calls = database.prepare(CALLS)
    this.#entries = database.prepare('SELECT id, effect FROM entry WHERE id BETWEEN ? AND ? AND kind = ? ORDER BY id')
    this.#lower = new LowerWrites(database)
    this.#failed = new FailedBodies(database, this.#lower)
  }

  readLane(runSeq: number, lane: string): LaneHistory {
    const first = firstId(runSeq)
    const last = lastId(runSeq)
    // What a compensation ended is over: positions count the entries before, those of claims their own number.
    const { history_from: from = 0, attempt = 1 } = this.#run.get(runSeq) ?? {}
    const rows = this.#effects.all(first, last, runSeq, first, lane, from)
    const ends = this.#endsOf(runSeq, rows)
    const effects = rows.map((row) => toEffect(row, ends.get(row.id) ?? null))
    return {
      answers: this.#answers.all(first, last, lane, from).map(toAnswer),
      effects,
      calls: this.#calls.all(first, last, lane, from).map(toCall),
      below: [...this.#lower.of(runSeq, lane, from), ...this.#failed.of(runSeq, lane, effects, from)],
      retriedAt: attempt === 1 ? [] : this.#numbersOf(runSeq, 'run-retried').map(({ number }) => number),
    }
  }

  /** By effect: where it succeeded. Asked for only where two that answer by themselves may have been side by side. */
  #endsOf(runSeq: number, rows: readonly LaneEffectRow[]): ReadonlyMap<number | null, number> {
    if (rows.filter(({ plain }) => plain === 1).length < 2) return new Map()
    return new Map(this.#numbersOf(runSeq, 'effect-succeeded').map(({ effect, number }) => [effect, number]))
  }

  #numbersOf(runSeq: number, kind: EntryKind): { readonly effect: number | null; readonly number: number }[] {
    const rows = this.#entries.all(firstId(runSeq), lastId(runSeq), ENTRY_CODE[kind])
    return rows.map(({ id, effect }) => ({ effect, number: numberOf(id) }))
  }
}

const ANSWERS = `SELECT id, lane, key, kind, name, effect, generation, failed, record_level, at, beside FROM answer
  WHERE id BETWEEN ? AND ? AND lane = ? AND superseded = 0 AND at >= ? ORDER BY id`

// Through the entries of their claims: those of scopes stand under the scope's number, not under the run's.
const EFFECTS = `SELECT f.id, f.key, f.generation, f.tool, f.status, f.caller_keyed, f.plain, f.calls_seen, f.claim_entry
  FROM entry e JOIN effect f ON f.id = e.effect
  WHERE e.id BETWEEN ? AND ? AND e.kind IN (${CLAIM_ENTRIES})
    AND f.run_seq = ? AND f.claim_entry = e.id - ? AND f.lane = ? AND f.claim_entry > ? ORDER BY e.id`

const CALLS = `SELECT id, ordinal, status, exact_hash, masked_hash, rest_hash, at, end_entry FROM call
  WHERE id BETWEEN ? AND ? AND lane = ? AND superseded = 0 AND at >= ? ORDER BY id`

function toAnswer(row: AnswerRow): Omit<AnswerRecord, 'body'> {
  const { id, lane, key, kind, name, effect, generation, failed, record_level: level, at, beside } = row
  return {
    id,
    runSeq: ownerOf(id),
    lane,
    key,
    kind: answerKind(kind),
    name,
    effect,
    generation,
    failed: failed === 1,
    recordLevel: recordLevel(level),
    at,
    beside,
  }
}

function toEffect(row: LaneEffectRow, endEntry: number | null): LaneEffect {
  return {
    id: row.id,
    key: row.key,
    generation: row.generation,
    tool: row.tool,
    status: effectStatus(row.status),
    callerKeyed: row.caller_keyed === 1,
    plain: row.plain === 1,
    callsSeen: row.calls_seen,
    at: row.claim_entry,
    endEntry,
  }
}

function toCall(row: LaneCallRow): LaneCall {
  const {
    id,
    ordinal,
    status,
    exact_hash: exactHash,
    masked_hash: maskedHash,
    rest_hash: restHash,
    at,
    end_entry: endEntry,
  } = row
  return { id, ordinal, status: callStatus(status), exactHash, maskedHash, restHash, at, endEntry }
}
