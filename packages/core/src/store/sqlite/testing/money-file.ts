import { systemClock } from '../../../util/clock.ts'
import type { RunRef } from '../../records.ts'
import type { Store } from '../../store.ts'
import { ENTRY_CODE } from '../codes.ts'
import type { Connection } from '../connection.ts'
import { connect, type SqliteDatabase, type SqliteStatement } from '../driver.ts'
import { MONEY_CHECKS } from '../money-checks.ts'
import { sqlite } from '../sqlite.ts'
import { opening, settings } from './fixture.ts'
import type { ModelTime } from './ledger-file.ts'

/** The runs of the money game, and what each counts on, in the order in which refusals are told. */
export const MONEY_RUNS: readonly (readonly string[])[] = [
  ['run:one', 'user:ann', 'org:acme', 'ledger'],
  ['run:child', 'run:one', 'user:bob', 'ledger'],
  ['run:other', 'user:ann', 'ledger'],
]
export const MONEY_SCOPES: readonly string[] = [...new Set(MONEY_RUNS.flat())]

/** A real file with money in it, opened by two processes, and looked at from outside. */
export class MoneyFile {
  readonly runs: readonly RunRef[]
  readonly #path: string
  readonly #time: ModelTime
  readonly #raw: SqliteDatabase
  readonly #stores: Store[]
  readonly #checks: readonly { what: string; statement: SqliteStatement<{ place: string }> }[]

  private constructor(path: string, time: ModelTime, stores: Store[], runs: readonly RunRef[]) {
    this.#path = path
    this.#time = time
    this.#stores = stores
    this.runs = runs
    this.#raw = connect(path, 1_000)
    this.#checks = MONEY_CHECKS.map(({ what, sql }) => ({ what, statement: this.#raw.prepare(sql) }))
  }

  static async open(path: string, time: ModelTime): Promise<MoneyFile> {
    const stores = [await openStore(path, time), await openStore(path, time)] as const
    const one = await openRun(stores[0], 'one', null, ['user:ann', 'org:acme'])
    const child = await openRun(stores[0], 'child', one, ['user:bob'])
    return new MoneyFile(path, time, [...stores], [one, child, await openRun(stores[0], 'other', null, ['user:ann'])])
  }

  store(place: number): Store {
    return this.#stores[place] as Store
  }

  async reopen(place: number): Promise<void> {
    await this.store(place).close()
    this.#stores[place] = await openStore(this.#path, this.#time)
  }

  /** The process is gone, as whoever looks for it finds, and another has its place. */
  die(place: number): void {
    const { owner } = this.store(place).identity as Connection
    const { lastInsertRowid: dead } = this.#raw.prepare(BURY).run(NO_PROCESS, owner.id)
    this.#raw.prepare('UPDATE hold SET owner = ? WHERE owner = ?').run(dead, owner.id)
  }

  /** What is wrong between holds and counters. */
  problems(): readonly string[] {
    return this.#checks.flatMap(({ what, statement }) => statement.all().map(({ place }) => `${what}: ${place}`))
  }

  /** Neither limits nor holds are there any more, and nobody remembers one. */
  clear(): void {
    const money = ['hold', 'hold_leg', 'scope_limit', 'scope_period', 'scope_bucket', 'scope_tool', 'scope_rate']
    const tables = [...money, 'call', 'touched', `entry WHERE kind <> ${ENTRY_CODE['run-opened']}`]
    const emptied = tables.map((table) => `DELETE FROM ${table};`).join(' ')
    this.#raw.exec(`BEGIN; ${emptied} UPDATE limit_version SET version = version + 1; COMMIT`)
  }

  async close(): Promise<void> {
    this.#raw.close()
    for (const store of this.#stores) await store.close()
  }
}

/** Above all that a system gives out. */
const NO_PROCESS = 2 ** 30

const BURY = `INSERT INTO owner (host, machine_id, boot_id, pid_namespace, pid, thread, started, beat, created_at)
SELECT host, machine_id, boot_id, pid_namespace, ?, thread, started, beat, created_at FROM owner WHERE id = ?`

/** With a clock of its own: stores that share one share a connection, and so an owner. */
async function openStore(path: string, time: ModelTime): Promise<Store> {
  const clock = { ...systemClock, now: () => time.now(), monotonic: () => time.monotonic() }
  const store = sqlite(path).open(settings({ clock }))
  await store.renewLeases({ runs: [], effects: [] })
  return store
}

async function openRun(
  store: Store,
  id: string,
  parent: RunRef | null,
  sessionScopes: readonly string[],
): Promise<RunRef> {
  const place = parent === null ? null : { run: parent, lane: 'root', effect: null }
  const opened = await store.openRun(opening({ id, parent: place, sessionScopes }))
  if (opened.kind !== 'opened') throw new Error(`The run was not opened: ${opened.kind}`)
  return opened.ref
}
