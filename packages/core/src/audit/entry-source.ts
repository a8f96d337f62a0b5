import type { EntryRecord } from '../store/records.ts'

/** An entry, and where a reader has got to who has read it. */
export interface PlacedEntry {
  readonly entry: EntryRecord
  readonly cursor: string
}

/** Where a tail reads from: one stream, or all of them. */
export interface EntrySource {
  /** What has come since the last read; empty at the present. */
  next(): Promise<readonly PlacedEntry[]>
}
