import { ConfigError } from '../errors/config-error.ts'
import type { ReadStore } from '../store/read-verbs.ts'
import type { EntrySource, PlacedEntry } from './entry-source.ts'

const PAGE = 200

/** The entries of one run or scope. A cursor is the number of the last entry read. */
export class StreamSource implements EntrySource {
  readonly #store: Pick<ReadStore, 'listEntries'>
  readonly #stream: string
  #number: number

  constructor(store: Pick<ReadStore, 'listEntries'>, stream: string, cursor: string | undefined) {
    this.#store = store
    this.#stream = stream
    this.#number = cursor === undefined ? 0 : readCursor(cursor)
  }

  async next(): Promise<readonly PlacedEntry[]> {
    const entries = await this.#store.listEntries(this.#stream, this.#number, PAGE)
    this.#number = entries.at(-1)?.number ?? this.#number
    return entries.map((entry) => ({ entry, cursor: String(entry.number) }))
  }
}

function readCursor(cursor: string): number {
  if (/^\d{1,8}$/.test(cursor)) return Number(cursor)
  throw new ConfigError(
    'tail: this cursor is not one of a single run, so nothing was read. Use the cursor of an entry of the same query.',
  )
}
