import type { CancelRun, RunCanceledAnswer } from '../run-verbs.ts'
import { Approvals } from './approvals.ts'
import { RUN_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { Entries, entryBody } from './entries.ts'
import { isOpen } from './fence.ts'
import { RunLeftovers } from './run-leftovers.ts'
import { type RunRow, SELECT_RUN, toRun } from './run-rows.ts'
import { PARAMETER } from './sql.ts'

/** Cancels runs, whoever has them. */
export class RunCanceler {
  readonly #context: VerbContext
  readonly #entries: Entries
  readonly #leftovers: RunLeftovers
  readonly #approvals: Approvals
  readonly #byId: SqliteStatement<RunRow>
  readonly #cancel: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#entries = new Entries(database)
    this.#leftovers = new RunLeftovers(context)
    this.#approvals = new Approvals(database)
    this.#byId = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.id = ${PARAMETER}`)
    this.#cancel = database.prepare(CANCEL)
  }

  cancelRun({ id, error, at }: CancelRun): RunCanceledAnswer {
    const row = this.#byId.get(id)
    if (row === undefined) return { kind: 'missing' }
    const { leases } = this.#context
    if (!isOpen(row.status) && row.status !== RUN_CODE.waiting) return { kind: 'ended', run: toRun(row, leases) }
    this.#approvals.cancelUnder(row.seq, at)
    const { unsettled } = this.#leftovers.settleRun(row.seq, at)
    const body = entryBody({ epoch: row.epoch + 1 }, 'error', error)
    this.#entries.appendAnywhere(row.seq, { kind: 'run-canceled', at, body })
    this.#cancel.run(error, unsettled.size, at, row.seq, row.epoch)
    return { kind: 'canceled', run: toRun(this.#byId.get(id) as RunRow, leases) }
  }
}

const CANCEL = `UPDATE run SET status = ${RUN_CODE.canceled}, epoch = epoch + 1, error = ?, unsettled = ?, ended_at = ?,
  owner = NULL, leased_at = NULL WHERE seq = ? AND epoch = ?`
