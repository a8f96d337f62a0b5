import type { Clock } from '../../util/clock.ts'
import type { Connection } from './connection.ts'
import type { SqliteDatabase } from './driver.ts'
import { Leases } from './leases.ts'
import { LimitBook } from './limit-book.ts'
import { ScopePeriods } from './scope-periods.ts'

/** What the verbs of one store object share. */
export interface VerbContext {
  readonly database: SqliteDatabase
  readonly clock: Clock
  readonly connection: Connection
  readonly leases: Leases
  readonly limits: LimitBook
  readonly periods: ScopePeriods
}

export function createContext(connection: Connection, clock: Clock): VerbContext {
  const { database, owner, watched } = connection
  const leases = new Leases(database, owner, clock, watched)
  const limits = new LimitBook(database, connection)
  return { database, clock, connection, leases, limits, periods: new ScopePeriods(database) }
}

/** The host's monotonic time as it is stored: whole milliseconds. */
export function monotonicMs(clock: Clock): number {
  return Math.floor(clock.monotonic())
}
