import type { EffectOwner } from '../effect-verbs.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'

/** The ledger's own scope and stream: made by the first migration. */
export const LEDGER_SEQ = -1

/** Names and numbers of scopes. Theirs are negative, from -1 downwards, so that one number tells a scope from a run. */
export class Scopes {
  readonly #byName: SqliteStatement<{ seq: number }>
  readonly #insert: SqliteStatement<{ seq: number }>

  constructor(database: SqliteDatabase) {
    this.#byName = database.prepare('SELECT seq FROM scope WHERE name = ?')
    this.#insert = database.prepare(INSERT)
  }

  find(name: string): number | null {
    return this.#byName.get(name)?.seq ?? null
  }

  /** Whose keys an effect's are, or null for a scope that nothing has used. */
  ownerSeq(owner: EffectOwner, runSeq: number): number | null {
    return owner.kind === 'run' ? runSeq : this.find(owner.name)
  }

  findOrCreate(name: string, at: number): number {
    const seq = this.find(name) ?? this.#insert.get(name, at)?.seq
    if (seq === undefined) throw new Error(`Scope ${name} could not be created`)
    return seq
  }
}

const INSERT = 'INSERT INTO scope (seq, name, created_at) SELECT min(seq) - 1, ?, ? FROM scope RETURNING seq'
