import { assertNever } from '../../util/assert-never.ts'
import { crashPoint } from '../../util/crash-point.ts'
import type { CloseRun, HaltRun, RunClosed, RunHalted } from '../run-verbs.ts'
import { Approvals } from './approvals.ts'
import { RUN_CODE } from './codes.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'
import { RunLeftovers } from './run-leftovers.ts'
import { Undoable } from './undoable.ts'

/** Ends runs, gives them back, and halts them. */
export class RunCloser {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #entries: Entries
  readonly #leftovers: RunLeftovers
  readonly #undoable: Undoable
  readonly #approvals: Approvals
  readonly #dropped: DroppedBodies
  readonly #status: SqliteStatement<{ status: number }>
  readonly #closing: SqliteStatement
  readonly #release: SqliteStatement
  readonly #compensate: SqliteStatement
  readonly #end: SqliteStatement
  readonly #halt: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#entries = new Entries(database)
    this.#leftovers = new RunLeftovers(context)
    this.#undoable = new Undoable(database)
    this.#approvals = new Approvals(database)
    this.#dropped = new DroppedBodies(database)
    this.#status = database.prepare('SELECT status FROM run WHERE seq = ?')
    this.#closing = database.prepare(`UPDATE run SET status = ${RUN_CODE.closing} WHERE seq = ? AND epoch = ?`)
    this.#release = database.prepare(RELEASE)
    this.#compensate = database.prepare(COMPENSATE)
    this.#end = database.prepare(END)
    this.#halt = database.prepare('UPDATE run SET halt = ? WHERE seq = ? AND epoch = ? AND halt IS NULL')
  }

  closeRun(close: CloseRun): RunClosed {
    const refused = this.#fence.mayEnd(close.run)
    if (refused !== null) return refused
    switch (close.to) {
      case 'closing':
        return this.#startClosing(close)
      case 'released':
        return this.#letGo(close, 'running')
      case 'waiting':
        return this.#letGo(close, 'waiting')
      case 'compensating':
        return this.#startCompensating(close)
      case 'completed':
      case 'failed':
        return this.#finish(close, close.to)
      default:
        return assertNever(close.to)
    }
  }

  /** The first halt of an attempt stays. */
  haltRun({ run, error, at }: HaltRun): RunHalted {
    const refused = this.#fence.mayEnd(run)
    if (refused !== null) return refused
    const { changes } = this.#halt.run(error, run.seq, run.epoch)
    if (changes === 1) this.#entries.append(run.seq, { kind: 'run-halted', at, body: entryBody({}, 'error', error) })
    return { kind: 'halted' }
  }

  #startClosing({ run, at }: CloseRun): RunClosed {
    if (this.#status.get(run.seq)?.status !== RUN_CODE.closing) {
      this.#closing.run(run.seq, run.epoch)
      this.#entries.append(run.seq, { kind: 'run-closing', at })
    }
    return { kind: 'closed', status: 'closing', ref: run }
  }

  /** Without an owner, whoever opens the id next goes on with it at once. */
  #letGo({ run, at }: CloseRun, status: 'running' | 'waiting'): RunClosed {
    this.#entries.append(run.seq, { kind: status === 'waiting' ? 'run-waiting' : 'run-released', at })
    this.#release.run(RUN_CODE[status], run.seq, run.epoch)
    crashPoint('in-close-transaction')
    return { kind: 'closed', status, ref: run }
  }

  /** The new epoch fences what still runs below. What is in flight for somebody who is alive is waited for later. */
  #startCompensating(close: CloseRun): RunClosed {
    const { run, at } = close
    if (!this.#undoable.isAny(run.seq)) return this.#finish(close, 'failed')
    this.#approvals.cancelUnder(run.seq, at)
    this.#leftovers.settleTree(run.seq, at)
    const epoch = run.epoch + 1
    const isAborted = close.aborted === true
    const body = entryBody(isAborted ? { epoch, aborted: true } : { epoch })
    this.#entries.append(run.seq, { kind: 'run-compensating', at, body })
    const leasedAt = monotonicMs(this.#context.clock)
    this.#compensate.run(close.error, isAborted ? 1 : 0, leasedAt, run.seq, run.epoch)
    crashPoint('in-close-transaction')
    return { kind: 'closed', status: 'compensating', ref: { ...run, epoch } }
  }

  #finish(close: CloseRun, to: 'completed' | 'failed'): RunClosed {
    const { run, at } = close
    this.#approvals.cancelUnder(run.seq, at)
    const { unsettled } = this.#leftovers.settleRun(run.seq, at)
    const isAborted = to === 'failed' && close.aborted === true
    const body = entryBody(isAborted ? { status: to, aborted: true } : { status: to })
    this.#entries.append(run.seq, { kind: 'run-closed', at, body })
    const bodies = [close.output, close.outputKept ? 1 : 0, close.error] as const
    this.#end.run(RUN_CODE[to], ...bodies, isAborted ? 1 : 0, unsettled.size, at, run.seq, run.epoch)
    if (to === 'completed') this.#dropped.dropIfOver(run.seq, at)
    crashPoint('in-close-transaction')
    return { kind: 'closed', status: to, ref: run }
  }
}

const RELEASE = `UPDATE run SET status = ?, owner = NULL, leased_at = NULL WHERE seq = ? AND epoch = ?`
// The lease stays whose it is: a shared run has none, and anybody may go on with its compensation.
const COMPENSATE = `UPDATE run SET status = ${RUN_CODE.compensating}, epoch = epoch + 1, error = ?, aborted = ?,
  leased_at = CASE WHEN owner IS NULL THEN NULL ELSE ? END WHERE seq = ? AND epoch = ?`
// What is not settled by then is looked after by later sweeps.
const END = `UPDATE run SET status = ?, output = ?, output_kept = ?, error = ?, aborted = ?, unsettled = ?,
  ended_at = ?, owner = NULL, leased_at = NULL WHERE seq = ? AND epoch = ?`
