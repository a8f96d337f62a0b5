import type { EffectQuery } from '../read-verbs.ts'
import type { EffectRecord } from '../records.ts'
import { EFFECT_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './driver.ts'
import { type EffectRow, SELECT_EFFECT, toEffect } from './effect-rows.ts'
import { PARAMETER } from './sql.ts'

/** Reads effects. */
export class EffectReader {
  readonly #database: SqliteDatabase
  readonly #byKey: SqliteStatement<EffectRow>

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#byKey = database.prepare<EffectRow>(
      `${SELECT_EFFECT} WHERE f.owner_seq = ${PARAMETER} AND f.key = ${PARAMETER} ORDER BY f.generation`,
    )
  }

  readEffect(ownerSeq: number, key: Buffer): readonly EffectRecord[] {
    return this.#byKey.all(ownerSeq, key).map(toEffect)
  }

  /** In the order of their first claims. */
  listEffects(query: EffectQuery): readonly EffectRecord[] {
    const conditions: string[] = ['f.id > ?']
    const values: SqliteValue[] = [query.after ?? 0]
    if (query.runSeq !== undefined) {
      conditions.push(OF_RUN)
      values.push(query.runSeq, query.runSeq, query.runSeq, query.runSeq)
    }
    if (query.status !== undefined)
      conditions.push(`f.status IN (${query.status.map((word) => EFFECT_CODE[word]).join(', ')})`)
    if (query.tool !== undefined) {
      conditions.push('f.tool = ?')
      values.push(query.tool)
    }
    const sql = `${SELECT_EFFECT} WHERE ${conditions.join(' AND ')} ORDER BY f.id LIMIT ?`
    return this.#database
      .prepare<EffectRow>(sql)
      .all(...values, query.limit ?? 1000)
      .map(toEffect)
  }
}

/**
 * A run's effects: those of its own keys, and those of scopes that it executed, which only its entries can name
 * without one more index on the straight path.
 */
const OF_RUN = `f.run_seq = ? AND f.id IN (SELECT id FROM effect WHERE owner_seq = ?
  UNION SELECT effect FROM entry WHERE id > ? << 24 AND id < (? + 1) << 24 AND effect IS NOT NULL)`
