import type { Clock } from '../../util/clock.ts'
import type { LeaseView } from '../records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { Identity } from './host.ts'
import { isProvablyDead } from './liveness.ts'
import type { Owner } from './owner.ts'

interface OwnerRow {
  id: number
  host: string
  machine_id: string | null
  boot_id: string | null
  pid_namespace: string | null
  pid: number
  thread: number | null
  started: string | null
  beat: number
}

/** A lease as its row has it. `leaseMs` null: never taken over. */
export interface Lease {
  readonly owner: number
  readonly leasedAt: number
  readonly leaseMs: number | null
}

/** What this process has seen of an owner whose clock it cannot read. */
export type Watched = Map<number, { lastSign: number; since: number }>

/**
 * Decides whether a lease still holds. A provably dead owner's are over at once; all others run out when the owner
 * has not renewed for `leaseMs` on the host's monotonic clock. An owner of another boot has another such clock:
 * there we watch its beat by our own.
 */
export class Leases {
  readonly #owner: Owner
  readonly #clock: Clock
  readonly #watched: Watched
  readonly #select: SqliteStatement<OwnerRow>

  constructor(database: SqliteDatabase, owner: Owner, clock: Clock, watched: Watched) {
    this.#owner = owner
    this.#clock = clock
    this.#watched = watched
    this.#select = database.prepare<OwnerRow>('SELECT * FROM owner WHERE id = ?')
  }

  view(lease: Lease): LeaseView {
    const { owner, leaseMs } = lease
    if (leaseMs === null) return { owner, expired: false, remainingMs: Number.POSITIVE_INFINITY }
    const remainingMs = Math.max(0, this.#remaining(lease, leaseMs))
    return { owner, expired: remainingMs === 0, remainingMs }
  }

  /** Whether nothing can come from this owner any more, however long its leases are. */
  isOwnerDead(owner: number): boolean {
    const row = this.#select.get(owner)
    if (row === undefined) return true
    return row.id !== this.#owner.known && isProvablyDead(identityOf(row), this.#owner.identity)
  }

  #remaining(lease: Lease, leaseMs: number): number {
    const row = this.#select.get(lease.owner)
    if (row === undefined) return 0
    const self = this.#owner.identity
    const owner = identityOf(row)
    if (row.id !== this.#owner.known && isProvablyDead(owner, self)) return 0
    const now = this.#clock.monotonic()
    const isSameClock = owner.bootId !== null && owner.bootId === self.bootId
    const lastSign = Math.max(row.beat, lease.leasedAt)
    if (!isSameClock && row.id !== this.#owner.known) return this.#watchedRemaining(row.id, lastSign, leaseMs, now)
    // One more millisecond: both times are stored rounded down.
    return lastSign + leaseMs + 1 - now
  }

  #watchedRemaining(owner: number, lastSign: number, leaseMs: number, now: number): number {
    const seen = this.#watched.get(owner)
    if (seen === undefined || seen.lastSign < lastSign) {
      this.#watched.set(owner, { lastSign, since: now })
      return leaseMs
    }
    return seen.since + leaseMs - now
  }
}

function identityOf(row: OwnerRow): Identity {
  return {
    host: row.host,
    machineId: row.machine_id,
    bootId: row.boot_id,
    pidNamespace: row.pid_namespace,
    pid: row.pid,
    thread: row.thread,
    started: row.started,
  }
}
