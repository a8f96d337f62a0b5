import { maskedError, maskedValue } from '../codec/mask.ts'
import { reviveError } from '../errors/revive.ts'
import { serializeError } from '../errors/serialize.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import { withoutStacks } from '../errors/without-stacks.ts'
import type { RecordLevel } from '../store/records.ts'
import type { Redact, RedactAbout } from './redact.ts'

/** What stands for a value where the ledger's `redact` threw: it may have been about to hide something. */
export const REDACT_FAILED = '[redacted: the redact function failed]'

/** How a value is shown: what its tool or call declared, then what the ledger's own function makes of that. */
export interface Showing {
  readonly level: RecordLevel
  readonly redact: Redact | undefined
  readonly about: RedactAbout
}

/** Stands for a value of which only the hash is shown. */
export interface HashOnly {
  readonly $hf: 'hash'
  readonly value: string
}

export function hashOnly(value: string): HashOnly {
  return Object.freeze({ $hf: 'hash', value })
}

/** Frozen, which no value from the store is: an object of the user's own that looks like one is not taken for it. */
export function isHashOnly(value: unknown): value is HashOnly {
  return typeof value === 'object' && Object.isFrozen(value) && (value as Partial<HashOnly> | null)?.$hf === 'hash'
}

export function isShownWhole({ level, redact }: Showing): boolean {
  return level === 'full' && redact === undefined
}

/** What may be seen of a value. `redact` comes last, so that it never gets to see what the level hides. */
export function shownValue(value: unknown, showing: Showing, hash: () => string): unknown {
  switch (showing.level) {
    case 'full':
      return redacted(value, showing)
    case 'redacted':
      return redacted(maskedValue(value), showing)
    case 'hash':
      return redacted(hashOnly(hash()), showing)
  }
}

/** What may be seen of an error, as data. */
export function shownError(error: SerializedError, showing: Showing): SerializedError {
  return asError(redacted(errorAtLevel(error, showing.level), showing))
}

function errorAtLevel(error: SerializedError, level: RecordLevel): SerializedError {
  if (level === 'full') return withoutStacks(error)
  const { status, ...masked } = maskedError(error)
  return level === 'hash' || status === undefined ? masked : { ...masked, status }
}

/** Whatever `redact` made of an error, in the form of one: what it hid whole is left out. */
function asError(seen: unknown): SerializedError {
  if (typeof seen !== 'object' || seen === null) return { name: 'Error', message: String(seen), fields: {} }
  const { name, message, fields, cause, errors, ...marks } = seen as Partial<SerializedError>
  return {
    ...marks,
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : '',
    fields: typeof fields === 'object' && fields !== null ? fields : {},
    ...(typeof cause === 'object' && cause !== null ? { cause: asError(cause) } : {}),
    ...(Array.isArray(errors) ? { errors: errors.map(asError) } : {}),
  }
}

/** The same for a live error that a listener gets: the very object where nothing is hidden. */
export function shownLiveError(error: unknown, showing: Showing): unknown {
  if (error === undefined || isShownWhole(showing)) return error
  return reviveError(shownError(serializeError(error), showing))
}

/** What `redact` makes of it. Never throws, and never shows what it was about to hide. */
export function redacted(value: unknown, { redact, about }: Pick<Showing, 'redact' | 'about'>): unknown {
  if (redact === undefined) return value
  try {
    const seen = redact(value, about)
    if (!(seen instanceof Promise)) return seen
    // What it will be is not known now.
    seen.catch(() => undefined)
    return REDACT_FAILED
  } catch {
    return REDACT_FAILED
  }
}
