import type Database from 'better-sqlite3'
import { type Order, rawKey, receiptOf } from './payload.ts'
import { timed } from './rounds.ts'

/** What a round needs, made before the clock starts. */
export interface RawEffect {
  readonly key: Buffer
  readonly args: string
  readonly result: string
}

export function rawEffectOf(order: Order): RawEffect {
  return { key: rawKey(order.orderId), args: JSON.stringify(order), result: JSON.stringify(receiptOf(order)) }
}

/** The least that a careful person writes by hand: one statement before the act and one after it, each its own transaction. */
export class RawEffects {
  readonly #begin: Database.Statement
  readonly #end: Database.Statement
  readonly #find: Database.Statement

  constructor(database: Database.Database) {
    database.exec(
      'CREATE TABLE effect (key BLOB PRIMARY KEY, status INTEGER NOT NULL, args TEXT NOT NULL, result TEXT) STRICT',
    )
    this.#begin = database.prepare('INSERT INTO effect (key, status, args) VALUES (?, 0, ?)')
    this.#end = database.prepare('UPDATE effect SET status = 1, result = ? WHERE key = ?')
    this.#find = database.prepare('SELECT status, args, result FROM effect WHERE key = ?')
  }

  write({ key, args, result }: RawEffect): void {
    this.#begin.run(key, args)
    this.#end.run(result, key)
  }

  find(key: Buffer): unknown {
    return this.#find.get(key)
  }

  /** A round of writes: microseconds per effect. */
  round(effects: readonly RawEffect[]): Promise<number> {
    return timed(effects.length, () => {
      for (const effect of effects) this.write(effect)
    })
  }
}
