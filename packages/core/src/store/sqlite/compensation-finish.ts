import { crashPoint } from '../../util/crash-point.ts'
import type { CompensationFinished, FinishCompensation } from '../run-verbs.ts'
import { Approvals } from './approvals.ts'
import { RUN_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'
import { RunLeftovers } from './run-leftovers.ts'
import { type RunRow, SELECT_RUN, toRun } from './run-rows.ts'
import { PARAMETER } from './sql.ts'
import { WITH_TREE } from './subtree-sql.ts'
import { Undoable } from './undoable.ts'

interface Below {
  seq: number
  status: number
}

/** Ends the compensation of a run, or leaves it for whoever goes on. */
export class CompensationFinisher {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #entries: Entries
  readonly #approvals: Approvals
  readonly #undoable: Undoable
  readonly #leftovers: RunLeftovers
  readonly #dropped: DroppedBodies
  readonly #bySeq: SqliteStatement<RunRow>
  readonly #below: SqliteStatement<Below>
  readonly #release: SqliteStatement
  readonly #end: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#entries = new Entries(database)
    this.#approvals = new Approvals(database)
    this.#undoable = new Undoable(database)
    this.#leftovers = new RunLeftovers(context)
    this.#dropped = new DroppedBodies(database)
    this.#bySeq = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.seq = ${PARAMETER}`)
    this.#below = database.prepare(BELOW)
    this.#release = database.prepare('UPDATE run SET owner = NULL, leased_at = NULL WHERE seq = ? AND epoch = ?')
    this.#end = database.prepare(END)
  }

  finishCompensation(finish: FinishCompensation): CompensationFinished {
    const { run, to, at } = finish
    // A run that is held for somebody whom nobody lets act any more could be undone by nobody.
    const refused = to === 'over' ? this.#fence.mayCompensate(run) : this.#fence.mayStopCompensating(run)
    if (refused !== null) return refused
    if (to === 'over') this.#finish(finish)
    else {
      this.#release.run(run.seq, run.epoch)
      this.#entries.appendAnywhere(run.seq, { kind: 'run-released', at })
    }
    crashPoint('in-finish-transaction')
    return { kind: 'finished', run: toRun(this.#bySeq.get(run.seq) as RunRow, this.#context.leases) }
  }

  #finish({ run, listed, at }: FinishCompensation): void {
    // A human may have overruled a no meanwhile: the doubt that it was about must not stay hidden behind the yes.
    this.#approvals.cancelUnder(run.seq, at)
    const { unsettled } = this.#leftovers.settleTree(run.seq, at)
    const isLeft = listed || this.#undoable.isLeft(run.seq)
    const status = isLeft ? 'compensation_failed' : 'compensated'
    const body = entryBody({ status })
    for (const { seq, status: former } of this.#below.all(run.seq)) {
      if (seq !== run.seq && isKept(former, isLeft)) continue
      this.#entries.appendAnywhere(seq, { kind: 'run-closed', at, body })
      const fence = seq === run.seq ? 0 : 1
      this.#end.run(RUN_CODE[status], fence, at, unsettled.has(seq) ? 1 : 0, seq)
    }
    if (!isLeft) this.#dropped.dropIfOver(run.seq, at)
  }
}

/** A run below that was undone by itself stays so; one where that failed is what it was unless now all of it is undone. */
function isKept(status: number, isLeft: boolean): boolean {
  return status === RUN_CODE.compensated || (isLeft && status === RUN_CODE.compensation_failed)
}

const BELOW = `${WITH_TREE} SELECT r.seq, r.status FROM tree t CROSS JOIN run r ON r.seq = t.seq`

// Whoever still acts for a run below is fenced: its work is undone.
const END = `UPDATE run SET status = ?, epoch = epoch + ?, owner = NULL, leased_at = NULL, ended_at = coalesce(ended_at, ?),
  unsettled = ? WHERE seq = ?`
