import type { LookEffect } from '../effect-verbs.ts'
import type { EffectRecord, Refused } from '../records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { type EffectRow, SELECT_EFFECT, toEffect } from './effect-rows.ts'
import { Fence } from './fence.ts'
import { Scopes } from './scopes.ts'
import { PARAMETER } from './sql.ts'

/** Finds effects by key. */
export class EffectFinder {
  readonly #fence: Fence
  readonly #scopes: Scopes
  readonly #newest: SqliteStatement<EffectRow>
  readonly #byId: SqliteStatement<EffectRow>

  constructor(database: SqliteDatabase) {
    this.#fence = new Fence(database)
    this.#scopes = new Scopes(database)
    this.#newest = database.prepare<EffectRow>(NEWEST)
    this.#byId = database.prepare<EffectRow>(`${SELECT_EFFECT} WHERE f.id = ${PARAMETER}`)
  }

  lookEffect(look: LookEffect): { kind: 'found'; effect: EffectRecord | null; argsHash: Buffer | null } | Refused {
    const refused = this.#fence.mayStart(look.run)
    if (refused !== null) return refused
    const ownerSeq = this.#scopes.ownerSeq(look.owner, look.run.seq)
    const row = ownerSeq === null ? undefined : this.newest(ownerSeq, look.keys)
    return { kind: 'found', effect: row === undefined ? null : toEffect(row), argsHash: row?.args_hash ?? null }
  }

  /** The newest generation under any of the keys: a renamed tool finds what it stored under its old name. */
  newest(ownerSeq: number, keys: readonly Buffer[]): EffectRow | undefined {
    let newest: EffectRow | undefined
    for (const key of keys) {
      const row = this.#newest.get(ownerSeq, key)
      if (row !== undefined && (newest === undefined || row.id > newest.id)) newest = row
    }
    return newest
  }

  byId(id: number): EffectRow {
    const row = this.#byId.get(id)
    if (row === undefined) throw new RangeError(`The ledger has no effect ${id}`)
    return row
  }
}

const NEWEST = `${SELECT_EFFECT} WHERE f.owner_seq = ${PARAMETER} AND f.key = ${PARAMETER} ORDER BY f.generation DESC LIMIT 1`
