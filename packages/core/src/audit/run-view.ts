import type { Redact } from '../config/redact.ts'
import type { RunRecord, RunStatus } from '../store/records.ts'
import type { ErrorView } from './error-view.ts'
import { Shown } from './shown.ts'

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
  /** It failed because its caller aborted it, and was compensated for that. */
  readonly aborted: boolean
  readonly createdAt: Date
  readonly endedAt: Date | null
  /** Its place among all runs: the cursor for `before` in `runs.list`. */
  readonly seq: number
}

/** A stored run for people and programs. */
export function runView(record: RunRecord, redact?: Redact): RunView {
  const shown = new Shown(redact, { runId: record.id })
  const { id, name, thread, status, dead, attempt, epoch, parentId, shared, tags, outputKept, unprotected, seq } =
    record
  const { aborted } = record
  return {
    ...{
      id,
      name,
      thread,
      status,
      dead,
      attempt,
      epoch,
      parentId,
      shared,
      tags,
      outputKept,
      unprotected,
      aborted,
      seq,
    },
    input: shown.value('input', record.input),
    output: shown.value('output', record.output),
    error: shown.error(record.error),
    halt: shown.error(record.halt),
    createdAt: new Date(record.createdAt),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt),
  }
}
