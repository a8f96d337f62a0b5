import { crashPoint } from '../../util/crash-point.ts'
import type { CancelRun, CloseRun, HaltRun, RunCanceledAnswer, RunClosed, RunHalted } from '../run-verbs.ts'
import { EFFECT_CODE, RUN_CODE, runStatus } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { EffectExpiry } from './effect-expiry.ts'
import { type EffectRow, effectLease, SELECT_EFFECT } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence, isOpen } from './fence.ts'
import { firstId, lastId } from './numbering.ts'
import { isDead, type RunRow, SELECT_RUN, toRun } from './run-rows.ts'
import { PARAMETER } from './sql.ts'

/** Ends, halts and cancels runs. */
export class RunCloser {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #entries: Entries
  readonly #expiry: EffectExpiry
  readonly #bySeq: SqliteStatement<RunRow>
  readonly #byId: SqliteStatement<RunRow>
  readonly #closing: SqliteStatement
  readonly #release: SqliteStatement
  readonly #end: SqliteStatement
  readonly #halt: SqliteStatement
  readonly #cancel: SqliteStatement
  readonly #leftovers: SqliteStatement<EffectRow>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#entries = new Entries(database)
    this.#expiry = new EffectExpiry(database)
    this.#bySeq = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.seq = ${PARAMETER}`)
    this.#byId = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.id = ${PARAMETER}`)
    this.#closing = database.prepare(`UPDATE run SET status = ${RUN_CODE.closing} WHERE seq = ? AND epoch = ?`)
    this.#release = database.prepare(RELEASE)
    this.#end = database.prepare(END)
    this.#halt = database.prepare('UPDATE run SET halt = ? WHERE seq = ? AND epoch = ? AND halt IS NULL')
    this.#cancel = database.prepare(CANCEL)
    this.#leftovers = database.prepare<EffectRow>(LEFTOVERS)
  }

  closeRun(close: CloseRun): RunClosed {
    const refused = this.#fence.mayEnd(close.run)
    if (refused !== null) return refused
    if (close.to === 'closing') return this.#startClosing(close)
    if (close.to === 'released') return this.#letGo(close)
    return this.#finish(close, close.to)
  }

  /** The first halt of an attempt stays. */
  haltRun({ run, error, at }: HaltRun): RunHalted {
    const refused = this.#fence.mayEnd(run)
    if (refused !== null) return refused
    const { changes } = this.#halt.run(error, run.seq, run.epoch)
    if (changes === 1) this.#entries.append(run.seq, { kind: 'run-halted', at, body: entryBody({}, 'error', error) })
    return { kind: 'halted' }
  }

  cancelRun({ id, error, at }: CancelRun): RunCanceledAnswer {
    const row = this.#byId.get(id)
    if (row === undefined) return { kind: 'missing' }
    const { leases } = this.#context
    if (!isOpen(row.status) && row.status !== RUN_CODE.waiting) return { kind: 'ended', run: toRun(row, leases) }
    this.#settleLeftovers(row, at)
    const body = entryBody({ epoch: row.epoch + 1 }, 'error', error)
    this.#entries.appendAnywhere(row.seq, { kind: 'run-canceled', at, body })
    this.#cancel.run(error, at, row.seq, row.epoch)
    return { kind: 'canceled', run: toRun(this.#byId.get(id) as RunRow, leases) }
  }

  #startClosing({ run, at }: CloseRun): RunClosed {
    if (this.#bySeq.get(run.seq)?.status === RUN_CODE.closing) return { kind: 'closed', status: 'closing' }
    this.#closing.run(run.seq, run.epoch)
    this.#entries.append(run.seq, { kind: 'run-closing', at })
    return { kind: 'closed', status: 'closing' }
  }

  /** Without an owner it is dead: the next open of the id resumes it at once. */
  #letGo({ run, at }: CloseRun): RunClosed {
    this.#release.run(run.seq, run.epoch)
    this.#entries.append(run.seq, { kind: 'run-released', at })
    return { kind: 'closed', status: 'running' }
  }

  #finish(close: CloseRun, to: 'completed' | 'failed'): RunClosed {
    const { run, at } = close
    this.#settleLeftovers(this.#bySeq.get(run.seq) as RunRow, at)
    this.#entries.append(run.seq, { kind: 'run-closed', at, body: entryBody({ status: to }) })
    this.#end.run(RUN_CODE[to], close.output, close.outputKept ? 1 : 0, close.error, at, run.seq, run.epoch)
    crashPoint('in-close-transaction')
    return { kind: 'closed', status: runStatus(RUN_CODE[to]) }
  }

  /**
   * What is still in flight for somebody who is gone is unknown from now on. While the first owner of a run is alive,
   * nobody can have left anything behind: then there is nothing to look for.
   */
  #settleLeftovers(row: RunRow, at: number): void {
    const { leases } = this.#context
    if (row.epoch === 1 && row.shared === 0 && !isDead(row, leases)) return
    for (const effect of this.#leftovers.all(firstId(row.seq), lastId(row.seq), row.seq)) {
      if (effectLease(effect, leases).expired) this.#expiry.expire(effect, at)
    }
  }
}

// Every effect that the run executed, also under a key of its scope, has an entry of its claim in the run's stream.
const LEFTOVERS = `${SELECT_EFFECT} WHERE f.id IN (SELECT effect FROM entry WHERE id BETWEEN ? AND ? AND effect IS NOT NULL)
  AND f.run_seq = ? AND f.status = ${EFFECT_CODE.processing} ORDER BY f.id`

const RELEASE = `UPDATE run SET status = ${RUN_CODE.running}, owner = NULL, leased_at = NULL WHERE seq = ? AND epoch = ?`
const END = `UPDATE run SET status = ?, output = ?, output_kept = ?, error = ?, ended_at = ?, owner = NULL, leased_at = NULL
  WHERE seq = ? AND epoch = ?`
const CANCEL = `UPDATE run SET status = ${RUN_CODE.canceled}, epoch = epoch + 1, error = ?, ended_at = ?, owner = NULL,
  leased_at = NULL WHERE seq = ? AND epoch = ?`
