import type { AppendEntries } from '../run-verbs.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { Entries } from './entries.ts'
import { LEDGER_SEQ } from './scopes.ts'

/** Entries that tell of nothing in the tables: notes, divergences, outages. */
export class Appends {
  readonly #entries: Entries
  readonly #markUnprotected: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#entries = new Entries(database)
    this.#markUnprotected = database.prepare('UPDATE run SET unprotected = 1 WHERE seq = ?')
  }

  /** Also to runs that have ended or were taken over: it records what already happened. */
  append({ run, entries, unprotected }: AppendEntries): void {
    const seq = run?.seq ?? LEDGER_SEQ
    for (const entry of entries) this.#entries.appendAnywhere(seq, entry)
    if (unprotected && run !== null) this.#markUnprotected.run(run.seq)
  }
}
