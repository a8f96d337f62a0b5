import type { Redact } from '../config/redact.ts'
import type { EntryKind, EntryRecord } from '../store/records.ts'
import type { EffectFacts } from './effect-keys.ts'
import { detailView } from './entry-detail.ts'
import { Shown } from './shown.ts'

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

/** A stored entry for people and programs; `effect`: what is known of the effect that it tells of. */
export function entryView(record: EntryRecord, effect: EffectFacts | null, redact?: Redact): Entry {
  const { stream, number, at, kind } = record
  const detail = detailView(record, shownIn(record, effect, redact))
  return { stream, number, at: new Date(at), kind, key: effect?.key ?? null, detail }
}

/** What may be seen of the values in an entry: nothing, if the effect that it tells of is not to be found. */
export function shownIn({ stream, effect: id }: EntryRecord, effect: EffectFacts | null, redact?: Redact): Shown {
  const unknown = id === null ? 'full' : 'redacted'
  return new Shown(redact, { level: effect?.level ?? unknown, runId: stream, tool: effect?.tool })
}
