import { ConfigError } from '../../errors/config-error.ts'
import { StoreUnavailableError } from '../../errors/store-unavailable-error.ts'
import type { StoreSettings } from '../store.ts'
import type { Connection } from './connection.ts'
import { createContext } from './context.ts'
import type { SqliteDatabase } from './driver.ts'
import { syncLevel, type WriteVerb } from './durability.ts'
import { outageOf } from './faults.ts'
import { acquireConnection } from './registry.ts'
import { createVerbs, type Verbs } from './verbs.ts'

export interface SessionOptions {
  readonly path: string
  readonly memoryId: symbol
  readonly busyMs: number
  readonly settings: StoreSettings
}

type Held = ReturnType<typeof acquireConnection>

/** One ledger's use of a shared connection: taken at the first verb, given back by `close`. */
export class Session {
  readonly #options: SessionOptions
  #held: Held | undefined
  #verbs: Verbs | undefined
  #closed: Promise<void> | undefined

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** The shared connection itself. */
  get identity(): object {
    return this.#use('identity')
  }

  enter(): () => void {
    try {
      return this.#use('enter').combiner.enter()
    } catch {
      // The verb that follows says why.
      return () => {}
    }
  }

  /** Runs a verb in a transaction, alone or with others. */
  write<T>(operation: WriteVerb, bytes: number, run: (verbs: Verbs) => T, alone = false): Promise<T> {
    try {
      const connection = this.#use(operation)
      const { durability, retries } = this.#options.settings
      const level = syncLevel(durability, operation)
      const verb = () => run(this.#verbsOn(connection))
      return connection.combiner.submit({ operation, level, bytes, alone, retries, run: verb })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Runs a read of one statement. */
  async read<T>(operation: string, run: (verbs: Verbs) => T): Promise<T> {
    const connection = this.#use(operation)
    return connection.combiner.read(operation, this.#options.settings.retries, () => {
      connection.ready()
      return run(this.#verbsOn(connection))
    })
  }

  /** Runs a read of several statements, all of which see the same moment. */
  snapshot<T>(operation: string, run: (verbs: Verbs) => T): Promise<T> {
    return this.read(operation, (verbs) => inSnapshot(verbs.context.database, () => run(verbs)))
  }

  /** Not a verb: it must also work where the ledger may not open what it finds. */
  async migrate(): Promise<void> {
    const connection = this.#use('migrate')
    await connection.combiner.read('migrate', this.#options.settings.retries, () => connection.migrate())
  }

  close(): Promise<void> {
    this.#closed ??= this.#held === undefined ? Promise.resolve() : this.#held.release()
    return this.#closed
  }

  #verbsOn(connection: Connection): Verbs {
    this.#verbs ??= createVerbs(createContext(connection, this.#options.settings.clock))
    return this.#verbs
  }

  #use(operation: string): Connection {
    if (this.#closed !== undefined) {
      throw new ConfigError(`The ledger was used (${operation}) after it was closed; nothing was recorded.`)
    }
    this.#held ??= this.#acquire(operation)
    return this.#held.connection
  }

  #acquire(operation: string): Held {
    const { path, memoryId, busyMs, settings } = this.#options
    try {
      return acquireConnection(path, memoryId, busyMs, settings)
    } catch (cause) {
      const reason = outageOf(cause)
      throw reason === undefined
        ? cause
        : new StoreUnavailableError({ operation, retries: 0, reason, location: path, cause })
    }
  }
}

function inSnapshot<T>(database: SqliteDatabase, read: () => T): T {
  database.exec('BEGIN')
  try {
    return read()
  } finally {
    if (database.inTransaction) database.exec('COMMIT')
  }
}
