import { HOLD_CODE } from './codes.ts'
import type { Connection } from './connection.ts'
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

/** How soon a process that was killed is found: its lease may be far from over. */
const LOOK_EVERY_MS = 1_000

/** By the monotonic clock: until then nothing that was looked at can be over, but for a process that was killed. */
const quietUntil = new WeakMap<Connection, number>()

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

  /** The same for a refusal, of which there may be many a second: asking the system about each process takes time. */
  sweepIfDue(at: number): number {
    const { connection, clock } = this.#context
    return clock.monotonic() < (quietUntil.get(connection) ?? 0) ? 0 : this.sweep(at)
  }

  /** How many it charged. */
  sweep(at: number): number {
    const { connection } = this.#context
    const owners = this.#looked(this.#owners.all(connection.owner.id))
    const left = this.#looked(owners.over.flatMap(({ owner, lease_ms }) => this.#holds.all(owner, lease_ms)))
    this.#beQuiet(Math.min(LOOK_EVERY_MS, owners.remainingMs, left.remainingMs))
    for (const { id } of left.over) this.#charge(id, at)
    return left.over.length
  }

  /** Which leases are over, and when the first of the others can be. */
  #looked<Row extends LeaseRow>(rows: readonly Row[]): { over: readonly Row[]; remainingMs: number } {
    const views = rows.map((row) => ({ row, remainingMs: this.#remainingMs(row) }))
    const live = views.filter(({ remainingMs }) => remainingMs > 0)
    return {
      over: views.filter(({ remainingMs }) => remainingMs === 0).map(({ row }) => row),
      remainingMs: Math.min(...live.map(({ remainingMs }) => remainingMs)),
    }
  }

  /** Also if the transaction is lost: then what is charged now is found a little later. */
  #beQuiet(ms: number): void {
    const { connection, clock } = this.#context
    quietUntil.set(connection, clock.monotonic() + ms)
  }

  #charge(hold: number, at: number): void {
    const change = this.#settling.settle({ hold, cost: { kind: 'charged' }, usage: null, at })
    if (change === null) return
    const { run_seq, label, nano, tokens } = change.row
    const body = entryBody({ hold, label, nano, tokens })
    this.#entries.appendAnywhere(run_seq, { kind: 'hold-charged', at, body })
    this.#settling.tell(change)
  }

  #remainingMs({ owner, leased_at, lease_ms }: LeaseRow): number {
    return this.#context.leases.view({ owner, leasedAt: leased_at, leaseMs: lease_ms }).remainingMs
  }
}

const OTHERS = `FROM hold WHERE status = ${HOLD_CODE.open} AND owner`
// Of each process the lease that is over first: as long as it holds, so do the others.
const OWNERS = `SELECT owner, lease_ms, min(leased_at) AS leased_at ${OTHERS} <> ${PARAMETER} GROUP BY owner, lease_ms`
const HOLDS = `SELECT id, owner, leased_at, lease_ms ${OTHERS} = ${PARAMETER} AND lease_ms = ${PARAMETER} ORDER BY id`
