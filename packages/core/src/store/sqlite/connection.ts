import { StoreUnavailableError } from '../../errors/store-unavailable-error.ts'
import { Combiner } from '../batch.ts'
import type { BatchEngine } from '../batch-engine.ts'
import type { StoreSettings } from '../store.ts'
import { connect, type SqliteDatabase, type SqliteStatement } from './driver.ts'
import { FULL } from './durability.ts'
import { outageOf, UserCommitFailure } from './faults.ts'
import type { Watched } from './leases.ts'
import { migrate } from './migrate.ts'
import { Owner } from './owner.ts'

/** Longer would freeze the event loop: waiting beyond this is done without blocking. */
const BUSY_TIMEOUT_MS = 20
const BATCH = { maxVerbs: 128, maxBytes: 4 * 1024 * 1024 }

export interface ConnectionOptions {
  readonly path: string
  readonly busyMs: number
  readonly settings: StoreSettings
}

type Statements = Record<'begin' | 'commit' | 'savepoint' | 'release', SqliteStatement>

/**
 * One connection, shared by all ledgers of this thread that use the file. Opened by the first verb, and nothing but
 * us runs on it. Other copies of this package use it as well: what is public here is what they rely on.
 */
export class Connection implements BatchEngine {
  readonly combiner: Combiner
  readonly owner: Owner
  readonly watched: Watched = new Map()
  /** How many ledgers use it. */
  users = 0
  readonly #options: ConnectionOptions
  #database: SqliteDatabase | undefined
  #statements: Statements | undefined
  #level = 0
  #losses = 0

  constructor(options: ConnectionOptions) {
    const { clock, random } = options.settings
    this.#options = options
    this.owner = new Owner(clock)
    this.combiner = new Combiner(this, clock, random, { ...BATCH, busyMs: options.busyMs })
  }

  get database(): SqliteDatabase {
    if (this.#database === undefined) throw new Error('The connection is opened by its first verb')
    return this.#database
  }

  /** Transactions, or verbs of one, that were rolled back: whoever remembers rows that it read in one must forget them. */
  get losses(): number {
    return this.#losses
  }

  ready(): void {
    if (this.#database === undefined) this.#open(this.#options.settings.migrate)
  }

  /** Creates or upgrades the tables, whatever the ledger's own setting says. */
  migrate(): void {
    if (this.#database === undefined) this.#open('auto')
    else this.#migrate(this.#database, 'auto')
  }

  begin(level: number): void {
    this.#synchronize(level)
    this.#prepared().begin.run()
    try {
      this.owner.register(this.database)
    } catch (error) {
      this.rollback()
      throw error
    }
  }

  commit(): void {
    this.#prepared().commit.run()
    this.owner.committed()
  }

  rollback(): void {
    this.#losses++
    this.owner.rolledBack()
    // After some errors the engine has rolled back by itself, and a ROLLBACK would be one more error.
    if (this.#database?.inTransaction) this.#database.exec('ROLLBACK')
  }

  savepoint(): void {
    this.#prepared().savepoint.run()
  }

  release(): void {
    this.#prepared().release.run()
  }

  rollbackToSavepoint(): void {
    this.#losses++
    this.database.exec('ROLLBACK TO verb; RELEASE verb')
  }

  judge(error: unknown): 'busy' | 'outage' | 'failure' {
    const outage = outageOf(error)
    if (outage === undefined) return 'failure'
    return outage === 'busy' ? 'busy' : 'outage'
  }

  explain(error: unknown, operation: string, retries: number): unknown {
    if (error instanceof UserCommitFailure) return error.cause
    const reason = outageOf(error)
    if (reason === undefined) return error
    return new StoreUnavailableError({ operation, retries, reason, location: this.#options.path, cause: error })
  }

  /** Waits for what is queued; then leaves one tidy file behind. */
  async close(): Promise<void> {
    await this.combiner.idle()
    const database = this.#database
    if (database === undefined || !database.open) return
    try {
      // No `optimize`: each statement finds its rows by a key, and statistics could only change how.
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // Housekeeping only: another process is at it, or the disk is out of reach. The next close does it.
    }
    database.close()
  }

  #open(mode: StoreSettings['migrate']): void {
    const database = connect(this.#options.path, BUSY_TIMEOUT_MS)
    try {
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF; PRAGMA synchronous = ${FULL}`)
      this.#level = FULL
      this.#migrate(database, mode)
    } catch (error) {
      database.close()
      throw error
    }
    this.#database = database
  }

  #migrate(database: SqliteDatabase, mode: StoreSettings['migrate']): void {
    const { clock, warn } = this.#options.settings
    migrate(database, { mode, now: () => clock.now(), warn })
  }

  /** By `exec`: a prepared PRAGMA takes effect when it is prepared, not when it is run. */
  #synchronize(level: number): void {
    if (level === this.#level) return
    this.database.exec(`PRAGMA synchronous = ${level}`)
    this.#level = level
  }

  #prepared(): Statements {
    const { database } = this
    this.#statements ??= {
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
      savepoint: database.prepare('SAVEPOINT verb'),
      release: database.prepare('RELEASE verb'),
    }
    return this.#statements
  }
}
