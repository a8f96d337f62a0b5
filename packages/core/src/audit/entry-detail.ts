import { isSealed } from '../codec/sealed-text.ts'
import { untag } from '../codec/tags.ts'
import type { RedactAbout } from '../config/redact.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import type { EntryRecord } from '../store/records.ts'
import { errorViewOf } from './error-view.ts'
import { UNREADABLE } from './read-body.ts'
import type { StoredValue } from './run-export.ts'
import type { Shown } from './shown.ts'
import { storedValue } from './stored-value.ts'

/** Members of an entry that are values of the user's; all others are facts of ours. */
const VALUES: Readonly<Record<string, RedactAbout['kind']>> = { args: 'args', result: 'result', note: 'value' }

/** What else an entry says, for programs; undefined if nothing. */
export function detailView({ kind, body }: EntryRecord, shown: Shown): unknown {
  if (body === null) return undefined
  if (kind === 'note') return shown.value('value', body)
  return detailOf(storedValue(body), {
    value: (of, value) => shown.value(of, JSON.stringify(value)),
    error: (error) => errorViewOf(shown.errorFacts(error)),
    fact: untag,
  })
}

/** The same as plain JSON. */
export function detailField({ kind, body }: EntryRecord, shown: Shown): { readonly detail?: StoredValue } {
  if (body === null) return {}
  if (kind === 'note') return { detail: shown.stored('value', body) }
  const detail = detailOf(storedValue(body), {
    value: (of, value) => shown.stored(of, JSON.stringify(value)),
    error: (error) => shown.errorFacts(error),
    fact: (value) => value,
  })
  return { detail: detail as StoredValue }
}

interface Members {
  value(kind: RedactAbout['kind'], value: StoredValue): unknown
  error(error: SerializedError): unknown
  fact(value: StoredValue): unknown
}

function detailOf(detail: StoredValue, show: Members): unknown {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return show.fact(detail)
  const members = Object.entries(detail).map(([name, value]) => [name, memberOf(name, value, show)])
  return Object.fromEntries(members)
}

function memberOf(name: string, value: StoredValue, show: Members): unknown {
  // The store puts what a codec sealed into its entries as a text: this one was not opened.
  if (typeof value === 'string' && isSealed(value) && (name === 'error' || name in VALUES)) return UNREADABLE
  const kind = VALUES[name]
  if (kind !== undefined) return show.value(kind, value)
  return name === 'error' && typeof value === 'object' && value !== null
    ? show.error(value as unknown as SerializedError)
    : show.fact(value)
}
