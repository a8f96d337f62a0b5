import { crashPoint } from '../../util/crash-point.ts'
import type { RunRef } from '../records.ts'
import type { CompensationOpened, OpenCompensation } from '../run-verbs.ts'
import { Approvals } from './approvals.ts'
import { RUN_CODE } from './codes.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { storedLease } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'
import { isOpen } from './fence.ts'
import { RunLeftovers } from './run-leftovers.ts'
import { isDead, type RunRow, runLease, SELECT_RUN, toRun } from './run-rows.ts'
import { PARAMETER } from './sql.ts'
import { Undoable } from './undoable.ts'

/** Gives out the right to undo what a run and everything below it did. */
export class CompensationOpener {
  readonly #context: VerbContext
  readonly #entries: Entries
  readonly #undoable: Undoable
  readonly #approvals: Approvals
  readonly #leftovers: RunLeftovers
  readonly #byId: SqliteStatement<RunRow>
  readonly #bySeq: SqliteStatement<RunRow>
  readonly #begin: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#entries = new Entries(database)
    this.#undoable = new Undoable(database)
    this.#approvals = new Approvals(database)
    this.#leftovers = new RunLeftovers(context)
    this.#byId = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.id = ${PARAMETER}`)
    this.#bySeq = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.seq = ${PARAMETER}`)
    this.#begin = database.prepare(BEGIN)
  }

  openCompensation(open: OpenCompensation): CompensationOpened {
    const { leases } = this.#context
    const row = this.#byId.get(open.id)
    if (row === undefined) return { kind: 'missing' }
    const isBegun = row.status === RUN_CODE.compensating
    if (!isBegun && open.which === 'dead') return { kind: 'nothing', run: toRun(row, leases) }
    const above = this.#above(row)
    const others = above.filter((run) => !isCallers(run, open.within))
    const holders = isOrphan(row, above[0], open.within) ? others : [row, ...others]
    const busy = isOpen(row.status) ? row : holders.find((run) => this.#isActedFor(run))
    if (busy !== undefined) return { kind: 'running', run: toRun(busy, leases), lease: runLease(busy, leases) }
    if (!isBegun && !this.#hasWork(row)) return { kind: 'nothing', run: toRun(row, leases) }
    return this.#take(row, above, open)
  }

  /**
   * After a compensation only something that came to light later: what failed then was asked about. One that failed is
   * always gone through again: what stood in the way may have been settled by a human.
   */
  #hasWork({ seq, status }: RunRow): boolean {
    if (status === RUN_CODE.compensation_failed) return true
    return status === RUN_CODE.compensated ? this.#undoable.isLeft(seq) : this.#undoable.isAny(seq)
  }

  #take(row: RunRow, above: readonly RunRow[], { leaseMs, at }: OpenCompensation): CompensationOpened {
    const { leases, connection, clock } = this.#context
    this.#approvals.cancelUnder(row.seq, at)
    this.#leftovers.settleTree(row.seq, at)
    const lease = [connection.owner.id, monotonicMs(clock), storedLease(leaseMs)] as const
    this.#begin.run(...lease, above[0]?.epoch ?? null, row.seq, row.epoch)
    const epoch = row.epoch + 1
    const number = this.#entries.append(row.seq, { kind: 'run-compensating', at, body: entryBody({ epoch }) })
    // Nobody followed it while it was over.
    this.#entries.touch(row.seq, number)
    crashPoint('in-open-compensation-transaction')
    const ancestors = above.map((run) => ({ seq: run.seq, epoch: run.epoch })).reverse()
    const ref: RunRef = { seq: row.seq, epoch, rootSeq: row.root_seq, ancestors }
    return { kind: 'compensating', run: toRun(this.#bySeq.get(row.seq) as RunRow, leases), ref }
  }

  /** Its ancestors, the nearest first. */
  #above(row: RunRow): readonly RunRow[] {
    const rows: RunRow[] = []
    for (let seq = row.parent_seq; seq !== null; seq = rows.at(-1)?.parent_seq ?? null) {
      const parent = this.#bySeq.get(seq)
      if (parent === undefined) throw new Error(`Run ${seq} has vanished from the ledger`)
      rows.push(parent)
    }
    return rows
  }

  /** Whether somebody alive executes or compensates it. */
  #isActedFor(row: RunRow): boolean {
    const isHeld = isOpen(row.status) || row.status === RUN_CODE.compensating
    return isHeld && !isDead(row, this.#context.leases)
  }
}

/** A run that the caller still has, or that is above the one that it has. */
function isCallers({ seq, epoch }: RunRow, within: RunRef | null | undefined): boolean {
  const line = within ? [within, ...within.ancestors] : []
  return line.some((run) => run.seq === seq && run.epoch === epoch)
}

/**
 * A run below the caller's that is being undone for an execution of the caller's run which has been replaced: whoever does
 * it may start nothing more, however long it lives.
 */
function isOrphan(row: RunRow, parent: RunRow | undefined, within: RunRef | null | undefined): boolean {
  return parent !== undefined && isCallers(parent, within) && row.parent_epoch !== parent.epoch
}

const BEGIN = `UPDATE run SET status = ${RUN_CODE.compensating}, epoch = epoch + 1, owner = ?, leased_at = ?, lease_ms = ?,
  parent_epoch = coalesce(?, parent_epoch), ended_at = NULL WHERE seq = ? AND epoch = ?`
