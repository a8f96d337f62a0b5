import type { SerializedError } from '../errors/serialized-error.ts'
import type { HoldStatus } from '../store/limit-records.ts'
import type {
  AnswerKind,
  ApprovalSource,
  ApprovalStatus,
  CallStatus,
  Certainty,
  EffectStatus,
  EntryKind,
  RunStatus,
} from '../store/records.ts'

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
  /** What humans were asked before its effects executed, in the order of the effects. */
  readonly approvals: readonly ExportedApproval[]
  readonly answers: readonly ExportedAnswer[]
  readonly calls: readonly ExportedCall[]
  /** What the run and all runs below it spent. */
  readonly cost: ExportedTotals
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
  /** It failed because its caller aborted it, and was compensated for that. */
  readonly aborted: boolean
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
  /** It succeeded and has no compensation of its own. */
  readonly irreversible: boolean
  /** Null as long as nobody has tried to undo it, and nothing else has done it. */
  readonly compensation: ExportedCompensation | null
  /** The parallel group of a saga that it is a member of. */
  readonly group: number | null
  readonly startedAt: string
  /** When its last attempt was claimed. */
  readonly claimedAt: string
  readonly endedAt: string | null
}

/** How it went to undo an effect. */
export interface ExportedCompensation {
  /** Executions over all processes; 0 if the compensation of another effect undid it. */
  readonly attempts: number
  /** Why the last one failed. */
  readonly error?: ExportedError
  /** When it was compensated; null while it is not. */
  readonly endedAt: string | null
}

/** A question put to a human, and the decision. */
export interface ExportedApproval {
  /** Number of the effect: one question for each of its generations. */
  readonly effect: number
  readonly key: string
  readonly generation: number
  readonly tool: string
  readonly status: ApprovalStatus
  readonly from: ApprovalSource
  /** Why a human is asked. */
  readonly reason: string | null
  readonly requestedAt: string
  readonly expiresAt: string | null
  readonly decidedAt: string | null
  readonly by: string | null
  readonly decisionReason: string | null
  /** What is executed, or was to be. */
  readonly args: StoredValue
  /** True if `args` are a human's: this decision changed them, or one about an earlier attempt. */
  readonly edited: boolean
  /** What was asked for, where this decision changed it. */
  readonly originalArgs?: StoredValue
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
  /** Null where nothing was held for it. */
  readonly cost: ExportedCost | null
  readonly externalId: string | null
  readonly startedAt: string
  readonly endedAt: string | null
}

/** Money as integers of nano-USD: 1_000_000_000 are a dollar. */
export interface ExportedTotals {
  readonly spentNano: number
  /** Put aside for what was still in flight. */
  readonly heldNano: number
  /** Input and output. */
  readonly tokens: number
  readonly calls: number
}

/** What a call cost; see `CallCost`. Money as integers of nano-USD. */
export interface ExportedCost {
  readonly status: HoldStatus
  readonly heldNano: number
  readonly spentNano: number | null
  readonly exactUsd: string | null
  readonly tokens: number | null
  readonly priceVersion: string | null
  readonly bounded: boolean
  readonly estimated: boolean
}

export interface ExportedEntry {
  readonly number: number
  readonly at: string
  readonly kind: EntryKind
  readonly effect: number | null
  readonly key: string | null
  readonly detail?: StoredValue
}
