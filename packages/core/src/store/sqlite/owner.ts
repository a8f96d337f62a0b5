import type { Clock } from '../../util/clock.ts'
import type { SqliteDatabase } from './driver.ts'
import { type Identity, identify } from './host.ts'

/** This connection's row among the owners: made inside its first write transaction, and again if that is lost. */
export class Owner {
  readonly #clock: Clock
  #id: number | undefined
  #isCommitted = false
  #identity: Identity | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Set in every write transaction. */
  get id(): number {
    if (this.#id === undefined) throw new Error('An owner is registered by the first write transaction')
    return this.#id
  }

  /** Undefined before the first write: then nothing in the database can be ours. */
  get known(): number | undefined {
    return this.#id
  }

  get identity(): Identity {
    this.#identity ??= identify()
    return this.#identity
  }

  /** Called inside every write transaction. */
  register(database: SqliteDatabase): void {
    if (this.#id !== undefined) return
    const self = this.identity
    const insert = database.prepare(INSERT)
    const { lastInsertRowid } = insert.run(
      self.host,
      self.machineId,
      self.bootId,
      self.pidNamespace,
      self.pid,
      self.thread,
      self.started,
      Math.floor(this.#clock.monotonic()),
      Math.floor(this.#clock.now()),
    )
    this.#id = Number(lastInsertRowid)
  }

  committed(): void {
    this.#isCommitted = true
  }

  rolledBack(): void {
    if (!this.#isCommitted) this.#id = undefined
  }
}

const INSERT = `INSERT INTO owner (host, machine_id, boot_id, pid_namespace, pid, thread, started, beat, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
