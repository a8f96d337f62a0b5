import { CERTAINTY_CODE, EFFECT_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { EffectRow } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'

/** What somebody finds whose owner is gone: nobody knows whether it happened. The epoch fences the old owner. */
export class EffectExpiry {
  readonly #entries: Entries
  readonly #expire: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#entries = new Entries(database)
    this.#expire = database.prepare(EXPIRE)
  }

  /** Call only for a row of this transaction whose lease is over. Returns the row as it is now. */
  expire(row: EffectRow, at: number): EffectRow {
    this.#expire.run(at, row.id, row.epoch)
    const epoch = row.epoch + 1
    const body = entryBody({ reason: 'lease', attempt: row.attempt, epoch })
    this.#entries.appendAnywhere(row.run_seq, { kind: 'effect-unknown', effect: row.id, at, body })
    const unknown = { status: EFFECT_CODE.unknown, certainty: CERTAINTY_CODE.in_doubt }
    return { ...row, ...unknown, epoch, unknown_of: row.epoch, waiting_for: null, ended_at: at }
  }
}

const EXPIRE = `UPDATE effect SET status = ${EFFECT_CODE.unknown}, unknown_of = epoch, epoch = epoch + 1, waiting_for = NULL,
  certainty = ${CERTAINTY_CODE.in_doubt}, ended_at = ? WHERE id = ? AND epoch = ? AND status = ${EFFECT_CODE.processing}`
