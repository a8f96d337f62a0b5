import { ConfigError } from '../../errors/config-error.ts'
import { checkOptionNames } from '../../errors/option-names.ts'
import type { StoreSource } from '../store.ts'
import { SqliteStore } from './sqlite-store.ts'

/** How a SQLite store behaves. */
export interface SqliteOptions {
  /**
   * How long a verb waits, without blocking the event loop, while another process holds the file's write lock.
   * @default 10_000
   */
  readonly busyMs?: number
}

const DEFAULTS = Object.freeze({ busyMs: 10_000 })
const MEMORY = ':memory:'

/**
 * A ledger in one file, for any number of processes of one host; the file and its folder are made by the first verb.
 *
 * `path` is a file path, not a URL; `:memory:` is a database of this source alone. Keep it off network file systems:
 * their locks do not hold. Needs the package better-sqlite3.
 */
export function sqlite(path: string, options: SqliteOptions = {}): StoreSource {
  if (typeof path !== 'string' || path.trim() === '') {
    throw new ConfigError('sqlite(path) needs the path of a file, such as ./agents.db.')
  }
  if (/^(?:sqlite|file):/i.test(path)) {
    throw new ConfigError(`sqlite(path) takes the path of a file, and '${path}' is a URL. Nothing was opened.`)
  }
  checkOptionNames('sqlite', options, ['busyMs'])
  const busyMs = options.busyMs ?? DEFAULTS.busyMs
  if (!(busyMs >= 0)) throw new ConfigError(`busyMs must be a number of milliseconds, 0 or more; it is ${busyMs}.`)
  const memoryId = Symbol(MEMORY)
  return {
    kind: 'sqlite',
    location: path,
    open: (settings) => new SqliteStore({ path, memoryId, busyMs, settings }),
  }
}

/** A ledger that lives as long as its ledgers are open: for tests and trials. */
export function memory(): StoreSource {
  return sqlite(MEMORY)
}
