import type { SerializedError } from '../errors/serialized-error.ts'
import type { AnswerKind, CallStatus, Certainty, EffectStatus, EntryKind, RunStatus } from '../store/records.ts'

/**
 * A value as the ledger stores it: JSON, in which what JSON has no form of its own for is an object with a `$hf`
 * field, `{ "$hf": "date", "value": 0 }`. Plain JSON is what it is.
 */
export type StoredValue =
  | null
  | boolean
  | number
  | string
  | readonly StoredValue[]
  | { readonly [name: string]: StoredValue }

/** An error as it was recorded, but for the stacks: they name files of the machine that it happened on. */
export type ExportedError = Omit<SerializedError, 'stack'>

/** Everything that the ledger knows about one run, as plain JSON. Times are ISO 8601 in UTC. */
export interface RunExport {
  readonly format: 'holdfast-run'
  /** Raised when a reader of the old form would misread the new one; fields may come without that. */
  readonly version: 1
  readonly run: ExportedRun
  readonly attempts: readonly ExportedAttempt[]
  /** Every generation that this run executed last, oldest first. */
  readonly effects: readonly ExportedEffect[]
  readonly answers: readonly ExportedAnswer[]
  readonly calls: readonly ExportedCall[]
  /** The log, gapless from 1. */
  readonly entries: readonly ExportedEntry[]
  /** Ids of the child runs, oldest first. */
  readonly children: readonly string[]
  /** The child runs themselves, if they were asked for. */
  readonly childExports?: readonly RunExport[]
}

/** Values that were not given or could not be stored are absent. */
export interface ExportedRun {
  readonly id: string
  readonly name: string | null
  readonly thread: string | null
  readonly status: RunStatus
  /** Nobody had it any more when it was exported. */
  readonly dead: boolean
  readonly attempt: number
  readonly epoch: number
  readonly parentId: string | null
  readonly parentLane: string | null
  readonly shared: boolean
  readonly tags: readonly string[]
  readonly input?: StoredValue
  readonly output?: StoredValue
  readonly outputKept: boolean
  readonly error?: ExportedError
  readonly halt?: ExportedError
  readonly unprotected: boolean
  readonly replayOf: string | null
  readonly createdAt: string
  readonly endedAt: string | null
}

/** One attempt: it begins when the run is opened or retried, and lives through takeovers. */
export interface ExportedAttempt {
  readonly number: number
  readonly startedAt: string
  readonly endedAt: string | null
  /** How often somebody else went on with it. */
  readonly resumed: number
}

export interface ExportedEffect {
  /** Number in the ledger that it comes from: what entries, answers and `parent` refer to. */
  readonly id: number
  readonly key: string
  readonly tool: string
  readonly status: EffectStatus
  readonly generation: number
  readonly attempt: number
  readonly epoch: number
  readonly idempotencyKey: string
  readonly lane: string
  /** The lane of what its body started. */
  readonly bodyLane: string
  readonly parent: number | null
  readonly callerKeyed: boolean
  readonly args: StoredValue
  readonly result?: StoredValue
  readonly resultKept: boolean
  readonly error?: ExportedError
  readonly certainty: Certainty | null
  readonly commitSeq: number | null
  readonly startedAt: string
  /** When its last attempt was claimed. */
  readonly claimedAt: string
  readonly endedAt: string | null
}

/** What one `perform` gave back where the effect itself does not say it: hits, joins, reads, failures, values. */
export interface ExportedAnswer {
  readonly lane: string
  /** The part of an effect's key after the dot. */
  readonly keyHash: string
  readonly kind: AnswerKind
  /** The tool, or the name of a recorded value. */
  readonly name: string
  readonly effect: number | null
  readonly generation: number
  readonly failed: boolean
  readonly value?: StoredValue
  readonly error?: ExportedError
  /** So many entries came before it. */
  readonly afterEntry: number
}

export interface ExportedCall {
  readonly id: number
  readonly provider: string
  readonly model: string
  readonly status: CallStatus
  readonly lane: string
  readonly ordinal: number
  readonly exactHash: string
  readonly maskedHash: string
  /** Whole; what was not JSON in it is a text that says what it was. */
  readonly request: StoredValue
  readonly response?: StoredValue
  readonly error?: ExportedError
  readonly usage?: StoredValue
  readonly externalId: string | null
  readonly startedAt: string
  readonly endedAt: string | null
}

export interface ExportedEntry {
  readonly number: number
  readonly at: string
  readonly kind: EntryKind
  readonly effect: number | null
  readonly key: string | null
  readonly detail?: StoredValue
}
