import type { LookEffect } from '../effect-verbs.ts'
import type { EffectRecord, Refused } from '../records.ts'
import { RUN_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { EFFECT_COLUMNS, type EffectRow, SELECT_EFFECT, toEffect } from './effect-rows.ts'
import { Fence } from './fence.ts'
import { Scopes } from './scopes.ts'
import { PARAMETER } from './sql.ts'

type Look = { kind: 'found'; effect: EffectRecord | null; argsHash: Buffer | null }
type StraightRow = EffectRow & { fence_status: number; fence_epoch: number; halted: number }

/** Finds effects by key. */
export class EffectFinder {
  readonly #fence: Fence
  readonly #scopes: Scopes
  readonly #newest: SqliteStatement<EffectRow>
  readonly #byId: SqliteStatement<EffectRow>
  readonly #straight: SqliteStatement<StraightRow>

  constructor(database: SqliteDatabase) {
    this.#fence = new Fence(database)
    this.#scopes = new Scopes(database)
    this.#newest = database.prepare<EffectRow>(NEWEST)
    this.#straight = database.prepare<StraightRow>(STRAIGHT)
    this.#byId = database.prepare<EffectRow>(`${SELECT_EFFECT} WHERE f.id = ${PARAMETER}`)
  }

  lookEffect(look: LookEffect): Look | Refused {
    const [key, formerName] = look.keys
    const isSimple = look.owner.kind === 'run' && look.run.ancestors.length === 0 && formerName === undefined
    const row = isSimple && key !== undefined ? this.#straight.get(key, look.run.seq) : undefined
    if (row?.fence_epoch === look.run.epoch && row.fence_status === RUN_CODE.running && row.halted === 0)
      return found(row)
    return this.#lookStepwise(look)
  }

  #lookStepwise(look: LookEffect): Look | Refused {
    const refused = this.#fence.mayStart(look.run)
    if (refused !== null) return refused
    const ownerSeq = this.#scopes.ownerSeq(look.owner, look.run.seq)
    const row = ownerSeq === null ? undefined : this.newest(ownerSeq, look.keys)
    return found(row)
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

// A run's own effect and the fence of that run in one statement: outside of a transaction each statement locks the file anew.
const STRAIGHT = `SELECT r.status AS fence_status, r.epoch AS fence_epoch, r.halt IS NOT NULL AS halted, ${EFFECT_COLUMNS}
  FROM run r LEFT JOIN effect f ON f.owner_seq = r.seq AND f.key = ${PARAMETER}
  WHERE r.seq = ${PARAMETER} ORDER BY f.generation DESC LIMIT 1`

function found(row: EffectRow | undefined): Look {
  // The outer join has a row also where there is no effect.
  const effect = row === undefined || row.id === null ? null : toEffect(row)
  return { kind: 'found', effect, argsHash: effect === null ? null : (row?.args_hash ?? null) }
}
