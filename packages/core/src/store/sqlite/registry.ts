import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Clock, systemClock } from '../../util/clock.ts'
import { sharedState } from '../../util/shared-state.ts'
import type { StoreSettings } from '../store.ts'
import { Connection } from './connection.ts'

interface Shared {
  readonly path: string
  /** Null: the system's clock, which every copy of this package has as an object of its own. */
  readonly clock: Clock | null
  readonly connection: Connection
}

const MEMORY = ':memory:'

/**
 * The connection of a file, shared by all ledgers of this thread and counted. A database in memory is its source's
 * own: `memoryId` tells one from another.
 */
export function acquireConnection(
  path: string,
  memoryId: symbol,
  busyMs: number,
  settings: StoreSettings,
): { readonly connection: Connection; readonly release: () => Promise<void> } {
  const shared = sharedState<Map<string | symbol, Shared[]>>('sqlite', () => new Map())
  const file = path === MEMORY ? MEMORY : realPathOf(path)
  const key = path === MEMORY ? memoryId : file
  const clock = settings.clock === systemClock ? null : settings.clock
  const entries = shared.get(key) ?? []
  let entry = entries.find((one) => one.clock === clock)
  if (entry === undefined) {
    entry = { path: file, clock, connection: new Connection({ path: file, busyMs, settings }) }
    shared.set(key, [...entries, entry])
  }
  const { connection } = entry
  connection.users++
  return { connection, release: () => release(shared, key, connection) }
}

async function release(
  shared: Map<string | symbol, Shared[]>,
  key: string | symbol,
  connection: Connection,
): Promise<void> {
  await connection.combiner.idle()
  connection.users--
  if (connection.users > 0) return
  // Out of the map first: whoever comes from now on opens a connection of its own.
  const others = (shared.get(key) ?? []).filter((entry) => entry.connection !== connection)
  if (others.length > 0) shared.set(key, others)
  else shared.delete(key)
  await connection.close()
}

/** One name for one file, however it is reached: two connections of a thread would wait for each other's lock. */
function realPathOf(path: string): string {
  const absolute = resolve(path)
  mkdirSync(dirname(absolute), { recursive: true })
  if (existsSync(absolute)) return realpathSync(absolute)
  return join(realpathSync(dirname(absolute)), basename(absolute))
}
