import type { Answer } from '../effect-verbs.ts'
import type { Refused, RunRef } from '../records.ts'
import { ANSWER_CODE, RECORD_LEVEL_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { Entries } from './entries.ts'
import { Fence } from './fence.ts'
import { firstId, lastId, numberOf, packId } from './numbering.ts'

/** What performs gave back, where no effect's own row says it. */
export class Answers {
  readonly #fence: Fence
  readonly #entries: Entries
  readonly #dropped: DroppedBodies
  readonly #last: SqliteStatement<{ id: number }>
  readonly #insert: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#fence = new Fence(database)
    this.#entries = new Entries(database)
    this.#dropped = new DroppedBodies(database)
    this.#last = database.prepare('SELECT id FROM answer WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1')
    this.#insert = database.prepare(INSERT)
  }

  /** A run that is closing, or has just been halted, may still say what it was answered. */
  recordAnswers(run: RunRef, answers: readonly Answer[]): { kind: 'recorded' } | Refused {
    const refused = this.#fence.mayRecord(run)
    if (refused !== null) return refused
    const at = this.#entries.count(run.seq)
    const last = this.#last.get(firstId(run.seq), lastId(run.seq))?.id
    let number = last === undefined ? 0 : numberOf(last)
    for (const answer of answers) this.#write(packId(run.seq, ++number), at, answer)
    if (answers.some(({ recordLevel }) => recordLevel === 'hash')) this.#dropped.mark(run.seq)
    return { kind: 'recorded' }
  }

  #write(id: number, at: number, answer: Answer): void {
    this.#insert.run(
      id,
      answer.lane,
      answer.key,
      ANSWER_CODE[answer.kind],
      answer.name,
      answer.effect,
      answer.generation,
      answer.failed ? 1 : 0,
      at,
      answer.beside ?? 0,
      RECORD_LEVEL_CODE[answer.recordLevel ?? 'full'],
      answer.body,
    )
  }
}

const INSERT = `INSERT INTO answer (id, lane, key, kind, name, effect, generation, failed, at, beside, record_level, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
