import type { HoldRecord } from './limit-records.ts'

/** A stored value: JSON of the value codec, or `~<codec id>~<base64>`. */
export type Body = string

export const RUN_STATUSES = [
  'running',
  'closing',
  'waiting',
  'completed',
  'failed',
  'canceled',
  'compensating',
  'compensated',
  'compensation_failed',
] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export const EFFECT_STATUSES = [
  'processing',
  'succeeded',
  'failed',
  'unknown',
  'requires_approval',
  'ready',
  'denied',
  'canceled',
  'compensating',
  'compensated',
  'compensation_failed',
] as const
export type EffectStatus = (typeof EFFECT_STATUSES)[number]

/**
 * How an effect can be undone: not at all, by its tool's compensation, or by one that undoes what happened inside its
 * body too (`covers: 'inner'`).
 */
export const UNDO_KINDS = ['none', 'own', 'inner'] as const
export type UndoKind = (typeof UNDO_KINDS)[number]

/** How much of an effect or call is shown in views, events and exports. `hash` drops its bodies when nothing needs them any more. */
export const RECORD_LEVELS = ['full', 'redacted', 'hash'] as const
export type RecordLevel = (typeof RECORD_LEVELS)[number]

export const APPROVAL_STATUSES = ['pending', 'approved', 'denied', 'canceled', 'expired'] as const
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number]

/** Whose word decides: the ledger's own approvals, or the answer that a framework's client gave. */
export const APPROVAL_SOURCES = ['ledger', 'client'] as const
export type ApprovalSource = (typeof APPROVAL_SOURCES)[number]

/** What is known about an effect whose body threw. */
export type Certainty = 'not_applied' | 'in_doubt' | 'assumed'

/**
 * A run as its owner holds it. Verbs are refused unless the row, and each ancestor's, still has this
 * epoch and a status that allows the verb.
 */
export interface RunRef {
  readonly seq: number
  readonly epoch: number
  /** The topmost run of the tree; `commit_seq` counts in its stream of entries. */
  readonly rootSeq: number
  readonly ancestors: readonly { readonly seq: number; readonly epoch: number }[]
  /** Sequence numbers of the scopes that it counts on, without its own, the ancestors' and the ledger's. @default [] */
  readonly scopes?: readonly number[]
}

/** Why a verb of a run changed nothing. */
export interface Refused {
  readonly kind: 'refused'
  /** fenced: somebody took the run over. halted: it may start nothing more. closed: it is ending or has ended. */
  readonly reason: 'fenced' | 'halted' | 'closed'
  readonly runId: string
  readonly status: RunStatus
  /** The serialized error of the halt. */
  readonly halt: Body | null
}

/** What is known about the process that holds a lease. */
export interface LeaseView {
  readonly owner: number
  /** True when the owning process is provably dead, or the lease ran out without a renewal. */
  readonly expired: boolean
  /** Milliseconds until the lease runs out unless renewed; `Infinity` if it never does, 0 if it has. */
  readonly remainingMs: number
}

export interface RunRecord {
  readonly seq: number
  readonly id: string
  readonly name: string | null
  readonly thread: string | null
  readonly status: RunStatus
  readonly attempt: number
  readonly epoch: number
  readonly rootSeq: number
  readonly parentSeq: number | null
  readonly parentId: string | null
  readonly parentLane: string | null
  /** Sequence numbers of the ancestors, topmost first. */
  readonly path: readonly number[]
  readonly shared: boolean
  readonly input: Body | null
  readonly output: Body | null
  /** False when the output could not be stored: the agent runs again over the records instead. */
  readonly outputKept: boolean
  readonly error: Body | null
  readonly halt: Body | null
  readonly tags: readonly string[]
  /** Names of the scopes that it was opened with. */
  readonly scopes: readonly string[]
  /** How it was told to end, as JSON: whoever goes on with it keeps to that. Null: nothing was said. */
  readonly options: string | null
  /** True once a step of it ran while the store was out of reach. */
  readonly unprotected: boolean
  /** True when the run failed because its caller aborted it; it was compensated for that if there was anything to undo. */
  readonly aborted: boolean
  readonly replayOf: string | null
  readonly createdAt: number
  readonly endedAt: number | null
  /** Derived: `running`, `closing` or `compensating` without a live lease. */
  readonly dead: boolean
}

export interface EffectRecord {
  readonly id: number
  readonly ownerSeq: number
  readonly runSeq: number
  readonly runId: string
  readonly key: Buffer
  readonly generation: number
  readonly tool: string
  readonly status: EffectStatus
  readonly epoch: number
  readonly attempt: number
  readonly lane: string
  readonly parentEffect: number | null
  readonly callerKeyed: boolean
  /** Of all arguments, where the key is not over all of them. */
  readonly argsHash: Buffer | null
  readonly args: Body
  readonly result: Body | null
  /** False when the effect succeeded and its result could not be stored. */
  readonly resultKept: boolean
  readonly error: Body | null
  readonly certainty: Certainty | null
  readonly commitSeq: number | null
  readonly undo: UndoKind
  /** The parallel group of a saga that it is a member of, numbered within its run: members are undone side by side. */
  readonly group: number | null
  /** What the tool keeps of the result for its compensation (`keep`). */
  readonly token: Body | null
  /** Executions of its compensation, over all processes. */
  readonly undoAttempt: number
  /** Why its last compensation failed. */
  readonly undoError: Body | null
  readonly undoneAt: number | null
  readonly recordLevel: RecordLevel
  /** SHA-256 of the bodies as JSON, where the record level is `hash`. */
  readonly argsDigest: Buffer | null
  readonly resultDigest: Buffer | null
  /** When the first attempt of this generation was claimed. */
  readonly firstAt: number
  readonly claimedAt: number
  readonly endedAt: number | null
}

/** A question put to a human before an effect executes, and the decision. */
export interface ApprovalRecord {
  readonly effect: EffectRecord
  readonly thread: string | null
  readonly status: ApprovalStatus
  readonly from: ApprovalSource
  /** Hash of all arguments that the approval is about. */
  readonly argsHash: Buffer
  /** Why a human is asked. */
  readonly reason: string | null
  readonly requestedAt: number
  readonly expiresAt: number | null
  readonly decidedAt: number | null
  readonly decidedBy: string | null
  readonly decisionReason: string | null
  /**
   * True where the effect's arguments are those that this decision, or an earlier one that was executed, put in the place
   * of its caller's.
   */
  readonly edited: boolean
  /** The arguments as they were requested, where the decision edited them: the effect's are the edited ones from then on. */
  readonly original: Body | null
}

export const CALL_STATUSES = ['open', 'succeeded', 'failed', 'lost'] as const
export type CallStatus = (typeof CALL_STATUSES)[number]

export interface CallRecord {
  readonly id: number
  readonly runSeq: number
  readonly runId: string
  readonly lane: string
  readonly ordinal: number
  readonly provider: string
  readonly model: string
  readonly status: CallStatus
  readonly exactHash: Buffer
  readonly maskedHash: Buffer
  /** The request, as a difference to an earlier call of the lane: see call/request-delta.ts. */
  readonly request: Body
  readonly response: Body | null
  readonly error: Body | null
  readonly usage: Body | null
  /** Null where nothing was held for it. */
  readonly hold: HoldRecord | null
  readonly externalId: string | null
  readonly recordLevel: RecordLevel
  readonly startedAt: number
  readonly endedAt: number | null
}

export const ANSWER_KINDS = ['hit', 'join', 'read', 'failure', 'generation', 'value'] as const
export type AnswerKind = (typeof ANSWER_KINDS)[number]

export interface AnswerRecord {
  readonly id: number
  readonly runSeq: number
  readonly lane: string
  readonly key: Buffer
  readonly kind: AnswerKind
  /** The tool's name, or the name of a recorded value. */
  readonly name: string
  readonly effect: number | null
  readonly generation: number
  /** True when what was answered was an error. */
  readonly failed: boolean
  readonly body: Body | null
  readonly recordLevel: RecordLevel
  /** Entries of the run's stream that existed when it was recorded: orders answers against claims. */
  readonly at: number
  /** Answers that its lane was given while this one was in flight. */
  readonly beside: number
}

export const ENTRY_KINDS = [
  'run-opened',
  'run-resumed',
  'run-retried',
  'run-closing',
  'run-closed',
  'run-released',
  'run-halted',
  'run-canceled',
  'effect-claimed',
  'effect-taken-over',
  'effect-retried',
  'effect-succeeded',
  'effect-failed',
  'effect-unknown',
  'effect-resolved',
  'effect-evidence',
  'late-outcome',
  'child-committed',
  'call-reserved',
  'call-settled',
  'call-failed',
  'divergence',
  'unprotected',
  'note',
  'run-waiting',
  'run-compensating',
  'approval-requested',
  'approval-approved',
  'approval-denied',
  'approval-canceled',
  'approval-expired',
  'compensation-claimed',
  'compensation-retried',
  'effect-compensated',
  'compensation-failed',
  'bodies-dropped',
  'limits-set',
  'hold-opened',
  'hold-settled',
  'hold-released',
  'hold-charged',
  'hold-corrected',
  'threshold-reached',
] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

/** One line of the append-only audit log. Numbers are gapless per stream, from 1. */
export interface EntryRecord {
  /** The run's id, or the name of the scope that the entry concerns. */
  readonly stream: string
  readonly number: number
  readonly at: number
  readonly kind: EntryKind
  readonly effect: number | null
  readonly body: Body | null
}
