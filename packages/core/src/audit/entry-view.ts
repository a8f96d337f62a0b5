import type { EntryKind, EntryRecord } from '../store/records.ts'
import { errorViewOf } from './error-view.ts'
import { readBody } from './read-body.ts'

/** One line of the append-only log as `ledger.tail` and exports show it. */
export interface Entry {
  /** The run's id, or the name of the scope that it concerns. */
  readonly stream: string
  /** Gapless in its stream, from 1. */
  readonly number: number
  readonly at: Date
  readonly kind: EntryKind
  /** The key of the effect that it tells of. */
  readonly key: string | null
  /** What else the entry says; undefined if nothing. */
  readonly detail: unknown
}

/** A stored entry for people and programs; `key` is the text of the key of `record.effect`. */
export function entryView(record: EntryRecord, key: string | null): Entry {
  const { stream, number, at, kind, body } = record
  return { stream, number, at: new Date(at), kind, key, detail: detailView(readBody(body)) }
}

/** An error in it is shown as errors are. */
function detailView(detail: unknown): unknown {
  if (typeof detail !== 'object' || detail === null || !('error' in detail)) return detail
  return { ...detail, error: errorViewOf(detail.error) }
}
