import { systemClock } from '../../../util/clock.ts'
import type { Store } from '../../store.ts'
import { connect, type SqliteDatabase } from '../driver.ts'
import { sqlite } from '../sqlite.ts'
import { OWNERS } from './ledger-actions.ts'

/** The time of everybody, which only passes as it is told. */
export class ModelTime {
  #ms = 0

  now(): number {
    return START + this.#ms
  }

  monotonic(): number {
    return this.#ms
  }

  pass(ms: number): void {
    this.#ms += ms
  }
}

const START = Date.UTC(2026, 0, 1)

/** A process: its store, and what the database calls it. */
interface Process {
  readonly store: Store
  readonly owner: number
}

/** A real file, opened by several owners. */
export class LedgerFile {
  readonly #path: string
  readonly #time: ModelTime
  readonly #raw: SqliteDatabase
  readonly #processes: Process[]

  private constructor(path: string, time: ModelTime, first: Store) {
    this.#path = path
    this.#time = time
    this.#raw = connect(path, 1_000)
    this.#processes = [{ store: first, owner: this.#count('owner', 'id') }]
  }

  static async open(path: string, time: ModelTime): Promise<LedgerFile> {
    const file = new LedgerFile(path, time, await openStore(path, time))
    while (file.#processes.length < OWNERS) file.#processes.push(await file.#start())
    return file
  }

  store(place: number): Store {
    return (this.#processes[place] as Process).store
  }

  /** Numbers that everything older than now has at most. */
  get marks(): { readonly run: number; readonly effect: number } {
    return { run: this.#count('run', 'seq'), effect: this.#count('effect', 'id') }
  }

  /** The process is gone, as whoever looks for it finds; another one takes its place. */
  async kill(place: number): Promise<void> {
    const { store, owner } = this.#processes[place] as Process
    await store.close()
    this.#raw.prepare('UPDATE owner SET pid = ? WHERE id = ?').run(NO_PROCESS, owner)
    this.#processes[place] = await this.#start()
  }

  async close(): Promise<void> {
    this.#raw.close()
    for (const { store } of this.#processes) await store.close()
  }

  async #start(): Promise<Process> {
    const store = await openStore(this.#path, this.#time)
    return { store, owner: this.#count('owner', 'id') }
  }

  #count(table: string, column: string): number {
    const row = this.#raw.prepare<{ last: number }>(`SELECT coalesce(max(${column}), 0) AS last FROM ${table}`).get()
    return row?.last ?? 0
  }
}

/** Above all that a system gives out. */
const NO_PROCESS = 2 ** 30

/** Of a connection of its own: connections are shared by those who share a clock. Its first write makes it known. */
async function openStore(path: string, time: ModelTime): Promise<Store> {
  const clock = { ...systemClock, now: () => time.now(), monotonic: () => time.monotonic() }
  const store = sqlite(path).open({
    ...{ clock, durability: 'fast', migrate: 'auto', random: () => 0.5, warn: () => undefined },
    retries: { attempts: 0, initialMs: 1 },
  })
  await store.renewLeases({ runs: [], effects: [] })
  return store
}
