import type { Body, EntryKind } from '../records.ts'
import { ENTRY_CODE, RUN_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { firstId, lastId, numberOf, packId } from './numbering.ts'

/** What an entry tells. */
export interface NewEntry {
  readonly kind: EntryKind
  readonly effect?: number | null
  readonly body?: Body | null
  readonly at: number
}

/**
 * The append-only log. A run's entries are found by whoever follows it while it runs or is undone; an entry that comes
 * when it is neither, or that belongs to a scope, leaves a row in `touched` for those readers.
 */
export class Entries {
  readonly #last: SqliteStatement<{ id: number }>
  readonly #insert: SqliteStatement
  readonly #touch: SqliteStatement
  readonly #touchRun: SqliteStatement
  readonly #touchScope: SqliteStatement
  readonly #status: SqliteStatement<{ status: number }>

  constructor(database: SqliteDatabase) {
    this.#last = database.prepare('SELECT id FROM entry WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1')
    this.#insert = database.prepare('INSERT INTO entry (id, at, kind, effect, body) VALUES (?, ?, ?, ?, ?)')
    this.#touch = database.prepare('INSERT INTO touched (seq, number) VALUES (?, ?)')
    this.#touchRun = database.prepare('UPDATE run SET touched = ? WHERE seq = ?')
    this.#touchScope = database.prepare('UPDATE scope SET touched = ? WHERE seq = ?')
    this.#status = database.prepare('SELECT status FROM run WHERE seq = ?')
  }

  /** The number of the stream's last entry, 0 if it has none. One seek. */
  count(seq: number): number {
    const id = this.#last.get(firstId(seq), lastId(seq))?.id
    return id === undefined ? 0 : numberOf(id)
  }

  /** Writes an entry under the number that `count` told, plus one; for runs that are followed. */
  write(seq: number, number: number, entry: NewEntry): void {
    this.#insert.run(packId(seq, number), entry.at, ENTRY_CODE[entry.kind], entry.effect ?? null, entry.body ?? null)
  }

  /** Appends to a run that is followed; returns the entry's number. */
  append(seq: number, entry: NewEntry): number {
    const number = this.count(seq) + 1
    this.write(seq, number, entry)
    return number
  }

  /** The same for any state of the stream; that a run is known to be followed spares looking it up. */
  writeAnywhere(seq: number, number: number, entry: NewEntry, isKnown: boolean): void {
    this.write(seq, number, entry)
    if (!isKnown && !this.#isFollowed(seq)) this.touch(seq, number)
  }

  /** Appends to any stream, whatever its state. */
  appendAnywhere(seq: number, entry: NewEntry): number {
    const number = this.append(seq, entry)
    if (!this.#isFollowed(seq)) this.touch(seq, number)
    return number
  }

  /** Tells the readers of all streams that this one has something from `number` on. */
  touch(seq: number, number: number): number {
    const n = Number(this.#touch.run(seq, number).lastInsertRowid)
    const update = seq < 0 ? this.#touchScope : this.#touchRun
    update.run(n, seq)
    return n
  }

  #isFollowed(seq: number): boolean {
    return seq > 0 && isFollowed(this.#status.get(seq)?.status ?? null)
  }
}

const FOLLOWED: readonly number[] = [RUN_CODE.running, RUN_CODE.closing, RUN_CODE.compensating]

/** Whether readers look into a run of this status by themselves; null is that of a scope. */
export function isFollowed(status: number | null): boolean {
  return status !== null && FOLLOWED.includes(status)
}

/** A short JSON body, with a stored value in it as it is. */
export function entryBody(fields: Readonly<Record<string, unknown>>, name?: string, body?: Body | null): Body {
  const json = JSON.stringify(fields)
  if (name === undefined || body === null || body === undefined) return json
  // A body that a codec has encrypted is no JSON: it goes in as text.
  const value = body.startsWith('~') ? JSON.stringify(body) : body
  return json === '{}' ? `{"${name}":${value}}` : `${json.slice(0, -1)},"${name}":${value}}`
}
