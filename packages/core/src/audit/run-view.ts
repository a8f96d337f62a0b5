import type { RunRecord, RunStatus } from '../store/records.ts'
import { type ErrorView, errorView } from './error-view.ts'
import { readBody } from './read-body.ts'

/** A run as `ledger.runs` shows it. */
export interface RunView {
  readonly id: string
  readonly name: string | null
  readonly thread: string | null
  readonly status: RunStatus
  /** `running` or `closing`, but nobody has it any more: the same id resumes it. */
  readonly dead: boolean
  readonly attempt: number
  /** Raised by whatever takes the run over. */
  readonly epoch: number
  readonly parentId: string | null
  readonly shared: boolean
  readonly tags: readonly string[]
  /** Undefined if none was stated. */
  readonly input: unknown
  /** Undefined if there is none, and if it could not be stored (`outputKept`). */
  readonly output: unknown
  readonly outputKept: boolean
  /** Why it failed. */
  readonly error: ErrorView | null
  /** Why it may start nothing more in this attempt. */
  readonly halt: ErrorView | null
  /** A step of it ran while the store was out of reach. */
  readonly unprotected: boolean
  readonly createdAt: Date
  readonly endedAt: Date | null
  /** Its place among all runs: the cursor for `before` in `runs.list`. */
  readonly seq: number
}

/** A stored run for people and programs. */
export function runView(record: RunRecord): RunView {
  const { id, name, thread, status, dead, attempt, epoch, parentId, shared, tags, outputKept, unprotected, seq } =
    record
  return {
    ...{ id, name, thread, status, dead, attempt, epoch, parentId, shared, tags, outputKept, unprotected, seq },
    input: readBody(record.input),
    output: readBody(record.output),
    error: errorView(record.error),
    halt: errorView(record.halt),
    createdAt: new Date(record.createdAt),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt),
  }
}
