import type {
  AnswerRecord,
  Body,
  CallRecord,
  CallStatus,
  EffectRecord,
  EffectStatus,
  EntryRecord,
  RunRecord,
  RunStatus,
} from './records.ts'

/** What one lane of a run recorded, in the order in which it happened. Bodies are read one by one when served. */
export interface LaneHistory {
  readonly answers: readonly Omit<AnswerRecord, 'body'>[]
  /** Effects claimed in this lane, in order of their claims. */
  readonly effects: readonly LaneEffect[]
  readonly calls: readonly LaneCall[]
  /** What was written where no effect of this lane itself stands for it; one for each way that leads there. */
  readonly below: readonly WrittenBelow[]
  /** Numbers of the entries that opened the run's later attempts. */
  readonly retriedAt: readonly number[]
}
/** Writes that may have happened in a child run opened in a lane, in a read or work of it, or in a body that failed. */
export interface WrittenBelow {
  readonly through: 'child' | 'read' | 'effect'
  /** The id of a child run that was given none; the read or work and its ordinal as its lane's name has them; the effect's key. */
  readonly id: string
  readonly tool: string
}
export interface LaneEffect {
  readonly id: number
  readonly key: Buffer
  readonly generation: number
  readonly tool: string
  readonly status: EffectStatus
  readonly callerKeyed: boolean
  /** True when the row itself is the answer to the first perform of its key: no answer row exists for it. */
  readonly plain: boolean
  readonly callsSeen: number
  /** Number of the entry of its first claim in the run's stream: orders it against answers. */
  readonly at: number
  /** Number of the entry that tells of its success, where that orders it against others of its lane; else null. */
  readonly endEntry: number | null
}
export interface LaneCall {
  readonly id: number
  readonly ordinal: number
  readonly status: CallStatus
  readonly exactHash: Buffer
  readonly maskedHash: Buffer
  readonly restHash: string
  /** Entries of the run's stream that existed when it was reserved. */
  readonly at: number
  /** Number of the entry that tells of its end; null while it is open. */
  readonly endEntry: number | null
}

export interface RunQuery {
  readonly status?: readonly RunStatus[]
  readonly name?: string
  readonly thread?: string
  readonly tag?: string
  readonly parentSeq?: number
  /** Only runs with a smaller sequence number: the page after this one. */
  readonly before?: number
  /** @default 100 */
  readonly limit?: number
}
export interface EffectQuery {
  readonly runSeq?: number
  readonly status?: readonly EffectStatus[]
  readonly tool?: string
  readonly after?: number
  /** @default 1000 */
  readonly limit?: number
}
export interface CallQuery {
  readonly runSeq?: number
  readonly model?: string
  readonly after?: number
  /** @default 1000 */
  readonly limit?: number
}

/** Where a reader of the log has got to. Opaque: made by `tail`, given back to it. */
export type TailCursor = string

/** A broken promise that `verify` found in the stored rows. */
export interface Problem {
  readonly what: string
  readonly where: string
}

export interface ReadStore {
  /** By id, or by sequence number. */
  readRun(run: string | number): Promise<RunRecord | null>
  listRuns(query: RunQuery): Promise<readonly RunRecord[]>
  /** All generations of a key, oldest first. */
  readEffect(ownerSeq: number, key: Buffer): Promise<readonly EffectRecord[]>
  /** The sequence number of a scope's keys, or null if nothing ever used it. */
  readScope(name: string): Promise<number | null>
  listEffects(query: EffectQuery): Promise<readonly EffectRecord[]>
  readCall(id: number): Promise<CallRecord | null>
  /** The newest call, of all runs, that is known by this id of its provider's. */
  findCall(externalId: string): Promise<CallRecord | null>
  listCalls(query: CallQuery): Promise<readonly CallRecord[]>
  readAnswer(id: number): Promise<Body | null>
  listAnswers(runSeq: number, after: number, limit: number): Promise<readonly AnswerRecord[]>
  readLane(runSeq: number, lane: string): Promise<LaneHistory>
  /** One stream, oldest first. */
  listEntries(stream: string, after: number, limit: number): Promise<readonly EntryRecord[]>
  /** All streams since the cursor, each in its order. `null` starts at the beginning. */
  tail(
    cursor: TailCursor | null,
    limit: number,
  ): Promise<{ readonly entries: readonly EntryRecord[]; readonly cursor: TailCursor }>
  /** Recomputes what must hold over all rows. */
  verify(): Promise<readonly Problem[]>
  /** Not supported yet. */
  prune(): Promise<never>
}
