import type Database from 'better-sqlite3'
import { orderOf, rawKey } from './payload.ts'
import { timed } from './rounds.ts'

const STEPS = 10

/** What a round needs, made before the clock starts. */
interface RawStep {
  readonly key: Buffer
  readonly args: string
  readonly result: string
}

/** The least that a careful person writes by hand: a statement before and after each act, and before and after each undo. */
export class RawSagas {
  readonly #begin: Database.Statement
  readonly #end: Database.Statement
  readonly #beginUndo: Database.Statement
  readonly #endUndo: Database.Statement

  constructor(database: Database.Database) {
    database.exec(
      'CREATE TABLE step (key BLOB PRIMARY KEY, status INTEGER NOT NULL, args TEXT NOT NULL, result TEXT) STRICT',
    )
    this.#begin = database.prepare('INSERT INTO step (key, status, args) VALUES (?, 0, ?)')
    this.#end = database.prepare('UPDATE step SET status = 1, result = ? WHERE key = ?')
    this.#beginUndo = database.prepare('UPDATE step SET status = 2 WHERE key = ?')
    this.#endUndo = database.prepare('UPDATE step SET status = 3 WHERE key = ?')
  }

  /** A round of sagas, one after the other: microseconds per saga. */
  round(name: string, sagas: number): Promise<number> {
    const all = Array.from({ length: sagas }, (_, n) =>
      Array.from({ length: STEPS }, (_, step) => rawStep(`${name}-${n}-${step}`)),
    )
    return timed(sagas, () => {
      for (const steps of all) this.#write(steps)
    })
  }

  #write(steps: readonly RawStep[]): void {
    for (const { key, args, result } of steps) {
      this.#begin.run(key, args)
      this.#end.run(result, key)
    }
    for (const { key } of steps.toReversed()) {
      this.#beginUndo.run(key)
      this.#endUndo.run(key)
    }
  }
}

function rawStep(id: string): RawStep {
  return { key: rawKey(id), args: JSON.stringify({ id }), result: JSON.stringify(orderOf(id)) }
}
