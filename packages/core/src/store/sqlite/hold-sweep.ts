import { HOLD_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { Entries, entryBody } from './entries.ts'
import { HoldSettling } from './hold-settling.ts'
import { PARAMETER } from './sql.ts'

interface LeaseRow {
  owner: number
  leased_at: number
  lease_ms: number
}

/** Charges what processes that are gone have left open: nobody else will ever say what it cost. */
export class HoldSweep {
  readonly #context: VerbContext
  readonly #entries: Entries
  readonly #settling: HoldSettling
  readonly #owners: SqliteStatement<LeaseRow>
  readonly #holds: SqliteStatement<LeaseRow & { id: number }>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#entries = new Entries(database)
    this.#settling = new HoldSettling(context)
    this.#owners = database.prepare(OWNERS)
    this.#holds = database.prepare(HOLDS)
  }

  /** How many it charged. */
  sweep(at: number): number {
    const own = this.#context.connection.owner.id
    const gone = this.#owners.all(own).filter((lease) => this.#isOver(lease))
    const left = gone.flatMap(({ owner, lease_ms }) => this.#holds.all(owner, lease_ms))
    const over = left.filter((lease) => this.#isOver(lease))
    for (const { id } of over) this.#charge(id, at)
    return over.length
  }

  #charge(hold: number, at: number): void {
    const change = this.#settling.settle({ hold, cost: { kind: 'charged' }, usage: null, at })
    if (change === null) return
    const { run_seq, label, nano, tokens } = change.row
    const body = entryBody({ hold, label, nano, tokens })
    this.#entries.appendAnywhere(run_seq, { kind: 'hold-charged', at, body })
    this.#settling.tell(change)
  }

  #isOver({ owner, leased_at, lease_ms }: LeaseRow): boolean {
    return this.#context.leases.view({ owner, leasedAt: leased_at, leaseMs: lease_ms }).expired
  }
}

const OTHERS = `FROM hold WHERE status = ${HOLD_CODE.open} AND owner`
// Of each process the lease that is over first: as long as it holds, so do the others.
const OWNERS = `SELECT owner, lease_ms, min(leased_at) AS leased_at ${OTHERS} <> ${PARAMETER} GROUP BY owner, lease_ms`
const HOLDS = `SELECT id, owner, leased_at, lease_ms ${OTHERS} = ${PARAMETER} AND lease_ms = ${PARAMETER} ORDER BY id`
