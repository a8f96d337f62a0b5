import type { Clock } from '../../util/clock.ts'
import type { Connection } from './connection.ts'
import type { SqliteDatabase } from './driver.ts'
import { Leases } from './leases.ts'

/** What the verbs of one store object share. */
export interface VerbContext {
  readonly database: SqliteDatabase
  readonly clock: Clock
  readonly connection: Connection
  readonly leases: Leases
}

export function createContext(connection: Connection, clock: Clock): VerbContext {
  const { database, owner, watched } = connection
  return { database, clock, connection, leases: new Leases(database, owner, clock, watched) }
}

/** The host's monotonic time as it is stored: whole milliseconds. */
export function monotonicMs(clock: Clock): number {
  return Math.floor(clock.monotonic())
}
