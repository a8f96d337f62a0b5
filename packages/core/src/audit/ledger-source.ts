import { ConfigError } from '../errors/config-error.ts'
import type { ReadStore, TailCursor } from '../store/read-verbs.ts'
import type { EntryRecord } from '../store/records.ts'
import type { EntrySource, PlacedEntry } from './entry-source.ts'

const PAGE = 200

/** How far each stream was read, by its name. */
type Seen = ReadonlyMap<string, number>

/**
 * The entries of all streams. The store's own cursors stand between pages only, so a cursor of ours is that of the
 * page's beginning and how far each stream had been read since: going on from it repeats nothing and loses nothing.
 */
export class LedgerSource implements EntrySource {
  readonly #store: Pick<ReadStore, 'tail'>
  #page: TailCursor | null = null
  #seen: Seen = new Map()

  constructor(store: Pick<ReadStore, 'tail'>, cursor: string | undefined) {
    this.#store = store
    if (cursor !== undefined) [this.#page, this.#seen] = readCursor(cursor)
  }

  async next(): Promise<readonly PlacedEntry[]> {
    // A page may hold nothing, or nothing but what was read before, and still have moved on: only one that has not is
    // the present.
    while (true) {
      const { entries, cursor } = await this.#store.tail(this.#page, PAGE)
      const placed = this.#place(entries)
      const isPresent = entries.length === 0 && cursor === this.#page
      this.#seen = without(this.#seen, entries)
      this.#page = cursor
      if (placed.length > 0 || isPresent) return placed
    }
  }

  #place(entries: readonly EntryRecord[]): PlacedEntry[] {
    const seen = new Map(this.#seen)
    const placed: PlacedEntry[] = []
    for (const entry of entries) {
      if (entry.number <= (this.#seen.get(entry.stream) ?? 0)) continue
      seen.set(entry.stream, entry.number)
      placed.push({ entry, cursor: writeCursor(this.#page, seen) })
    }
    return placed
  }
}

/** Streams whose read entries this page has passed need no remembering: a store never goes back. */
function without(seen: Seen, passed: readonly EntryRecord[]): Seen {
  if (seen.size === 0) return seen
  const left = new Map(seen)
  for (const { stream, number } of passed) {
    if (number >= (left.get(stream) ?? Number.POSITIVE_INFINITY)) left.delete(stream)
  }
  return left
}

function writeCursor(page: TailCursor | null, seen: Seen): string {
  return Buffer.from(JSON.stringify([page, [...seen]])).toString('base64url')
}

function readCursor(cursor: string): [TailCursor | null, Seen] {
  try {
    const [page, seen] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [
      TailCursor | null,
      [string, number][],
    ]
    return [page, new Map(seen)]
  } catch (error) {
    throw new ConfigError(
      'tail: this is no cursor of the whole ledger, so nothing was read. Use the cursor of an entry of the same query.',
      { cause: error },
    )
  }
}
