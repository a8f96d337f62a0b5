import type { TailCursor } from '../read-verbs.ts'
import type { EntryRecord } from '../records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { isFollowed } from './entries.ts'
import { firstId, lastId, numberOf } from './numbering.ts'
import { type EntryRow, toEntry } from './read-runs.ts'
import { decodeCursor, encodeCursor, type TailPosition } from './tail-cursor.ts'

interface Facts {
  name: string
  /** Null for a scope. */
  status: number | null
  touched: number
}

interface Stream {
  readonly seq: number
  readonly rows: EntryRow[]
  delivered: number
}

/**
 * Follows all streams without an index over all entries. A reader looks into the runs that were running, or being undone,
 * when it last looked, and into whatever `touched` names since then: runs opened or opened again, and streams that got an entry
 * while nobody could know that they would. A stream leaves the cursor once it has ended, is read out, and no row of
 * `touched` that is still ahead names it.
 */
export class Tail {
  readonly #entries: SqliteStatement<EntryRow>
  readonly #touched: SqliteStatement<{ n: number; seq: number; number: number }>
  readonly #run: SqliteStatement<Facts>
  readonly #scope: SqliteStatement<Facts>

  constructor(database: SqliteDatabase) {
    this.#entries = database.prepare('SELECT * FROM entry WHERE id > ? AND id <= ? ORDER BY id LIMIT ?')
    this.#touched = database.prepare('SELECT n, seq, number FROM touched WHERE n > ? ORDER BY n LIMIT ?')
    this.#run = database.prepare('SELECT id AS name, status, touched FROM run WHERE seq = ?')
    this.#scope = database.prepare('SELECT name, NULL AS status, touched FROM scope WHERE seq = ?')
  }

  /** Call it inside one read transaction: what it reads must be of one moment. */
  tail(cursor: TailCursor | null, limit: number): { entries: readonly EntryRecord[]; cursor: TailCursor } {
    const position = decodeCursor(cursor)
    const streams = [...position.open].map(([seq, number]) => this.#load(seq, number, limit))
    this.#takeUp(position, streams, limit)
    const facts = new Map(streams.map(({ seq }) => [seq, this.#factsOf(seq)]))
    const rows = merge(streams, limit)
    const entries = rows.map(({ seq, row }) => toEntry(row, facts.get(seq)?.name ?? ''))
    return { entries, cursor: encodeCursor(advance(position, streams, facts)) }
  }

  /** Adds streams that were touched, at least one and no more than the limit has room for. */
  #takeUp(position: TailPosition, streams: Stream[], limit: number): void {
    const known = new Set(streams.map(({ seq }) => seq))
    const loaded = streams.reduce((sum, { rows }) => sum + rows.length, 0)
    for (const { n, seq, number } of this.#touched.all(position.touched, Math.max(1, limit - loaded))) {
      position.touched = n
      if (!known.has(seq)) streams.push(this.#load(seq, number - 1, limit))
      known.add(seq)
    }
  }

  #load(seq: number, delivered: number, limit: number): Stream {
    // One more than can be delivered: it tells that the stream is not read out.
    return { seq, delivered, rows: this.#entries.all(firstId(seq) + delivered, lastId(seq), limit + 1) }
  }

  #factsOf(seq: number): Facts | undefined {
    return seq < 0 ? this.#scope.get(seq) : this.#run.get(seq)
  }
}

/** The oldest head first, so that no stream's own order is ever broken, whatever the clock did. */
function merge(streams: readonly Stream[], limit: number): { seq: number; row: EntryRow }[] {
  const merged: { seq: number; row: EntryRow }[] = []
  const next = new Map(streams.map((stream) => [stream, 0]))
  while (merged.length < limit) {
    const stream = oldest(next)
    if (stream === undefined) break
    const index = next.get(stream) ?? 0
    const row = stream.rows[index] as EntryRow
    next.set(stream, index + 1)
    stream.delivered = numberOf(row.id)
    merged.push({ seq: stream.seq, row })
    if (index + 1 === stream.rows.length) next.delete(stream)
  }
  return merged
}

function oldest(next: ReadonlyMap<Stream, number>): Stream | undefined {
  let found: { stream: Stream; at: number } | undefined
  for (const [stream, index] of next) {
    const row = stream.rows[index]
    if (row === undefined) continue
    const isOlder = found === undefined || row.at < found.at || (row.at === found.at && stream.seq < found.stream.seq)
    if (isOlder) found = { stream, at: row.at }
  }
  return found?.stream
}

function advance(
  { touched }: TailPosition,
  streams: readonly Stream[],
  facts: ReadonlyMap<number, Facts | undefined>,
): TailPosition {
  const open = new Map<number, number>()
  for (const { seq, rows, delivered } of streams) {
    const last = rows.at(-1)
    const hasMore = last !== undefined && numberOf(last.id) > delivered
    const fact = facts.get(seq)
    const mayHaveMore = fact !== undefined && (isFollowed(fact.status) || fact.touched > touched)
    if (hasMore || mayHaveMore) open.set(seq, delivered)
  }
  return { touched, open }
}
