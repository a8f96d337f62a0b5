import type { Refused, RunRef } from '../records.ts'
import { RUN_CODE, runStatus } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'

interface FenceRow {
  status: number
  epoch: number
  halted: number
}

/** Decides whether a caller still speaks for its run: it and every ancestor must have the epoch that it knows. */
export class Fence {
  readonly #row: SqliteStatement<FenceRow>
  readonly #facts: SqliteStatement<{ id: string; status: number; halt: string | null }>

  constructor(database: SqliteDatabase) {
    this.#row = database.prepare('SELECT status, epoch, halt IS NOT NULL AS halted FROM run WHERE seq = ?')
    this.#facts = database.prepare('SELECT id, status, halt FROM run WHERE seq = ?')
  }

  /**
   * Null if the run may start something new: it and its ancestors are running and not halted. `final`: what a halted run
   * may still say, if its halt is of a kind that its owner knows to allow that.
   */
  mayStart(run: RunRef, final = false): Refused | null {
    return (
      this.#startable(run.seq, run.epoch, final) ??
      firstOf(run.ancestors, (one) => this.#startable(one.seq, one.epoch, final))
    )
  }

  /** Null if the run is still the caller's, whatever its status. */
  mayRecord(run: RunRef): Refused | null {
    const row = this.#row.get(run.seq)
    return row?.epoch === run.epoch ? null : this.#refuse(run.seq, 'fenced')
  }

  /** Null if the run is still the caller's and has not ended, and so its ancestors' epochs; halted is fine. */
  mayEnd(run: RunRef): Refused | null {
    const row = this.#row.get(run.seq)
    if (row?.epoch !== run.epoch) return this.#refuse(run.seq, 'fenced')
    if (!isOpen(row.status)) return this.#refuse(run.seq, 'closed')
    return this.#current(run.ancestors)
  }

  /** Null if the run is the caller's to undo: a run above it that somebody took over meanwhile forbids it. */
  mayCompensate(run: RunRef): Refused | null {
    return this.mayStopCompensating(run) ?? this.#current(run.ancestors)
  }

  /** Null if the run is the caller's to let go of while it is undone, whoever has those above it. */
  mayStopCompensating(run: RunRef): Refused | null {
    const row = this.#row.get(run.seq)
    if (row?.epoch !== run.epoch) return this.#refuse(run.seq, 'fenced')
    return row.status === RUN_CODE.compensating ? null : this.#refuse(run.seq, 'closed')
  }

  #current(ancestors: RunRef['ancestors']): Refused | null {
    return firstOf(ancestors, ({ seq, epoch }) =>
      this.#row.get(seq)?.epoch === epoch ? null : this.#refuse(seq, 'fenced'),
    )
  }

  #startable(seq: number, epoch: number, final: boolean): Refused | null {
    const row = this.#row.get(seq)
    if (row?.epoch !== epoch) return this.#refuse(seq, 'fenced')
    if (row.status !== RUN_CODE.running) return this.#refuse(seq, 'closed')
    return row.halted === 1 && !final ? this.#refuse(seq, 'halted') : null
  }

  #refuse(seq: number, reason: Refused['reason']): Refused {
    const facts = this.#facts.get(seq)
    if (facts === undefined) throw new RangeError(`The ledger has no run ${seq}`)
    return { kind: 'refused', reason, runId: facts.id, status: runStatus(facts.status), halt: facts.halt }
  }
}

/** Running or closing: its owner may still write outcomes. */
export function isOpen(status: number): boolean {
  return status === RUN_CODE.running || status === RUN_CODE.closing
}

function firstOf<Item>(items: readonly Item[], refusal: (item: Item) => Refused | null): Refused | null {
  for (const item of items) {
    const refused = refusal(item)
    if (refused !== null) return refused
  }
  return null
}
