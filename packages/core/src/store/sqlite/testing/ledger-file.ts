import { systemClock } from '../../../util/clock.ts'
import type { ApprovalRecord, EffectRecord, EntryRecord, RunRecord } from '../../records.ts'
import type { Store } from '../../store.ts'
import { type ApprovalRow, toApproval } from '../approval-rows.ts'
import { connect, type SqliteDatabase, type SqliteStatement } from '../driver.ts'
import { type EffectRow, SELECT_EFFECT, toEffect } from '../effect-rows.ts'
import { lastId, packId } from '../numbering.ts'
import { type EntryRow, toEntry } from '../read-runs.ts'
import { sqlite } from '../sqlite.ts'
import { OWNERS, RUN_NAMES } from './ledger-actions.ts'

/** The time of everybody, which only passes as it is told. */
export class ModelTime {
  #ms = 0
  #start = START

  now(): number {
    return this.#start + this.#ms
  }

  monotonic(): number {
    return this.#ms
  }

  pass(ms: number): void {
    this.#ms += ms
  }

  /** Changes the wall clock, and nothing else. */
  set(now: number): void {
    this.#start = now - this.#ms
  }
}

const START = Date.UTC(2026, 0, 1)

/** A process: its store, and what the database calls it. */
interface Process {
  readonly store: Store
  readonly owner: number
}

/** A real file, opened by several owners, and read from outside with few statements. */
export class LedgerFile {
  readonly #raw: SqliteDatabase
  readonly #processes: readonly Process[]
  readonly #effects: SqliteStatement<EffectRow>
  readonly #approvals: SqliteStatement<ApprovalRow>
  readonly #entries: SqliteStatement<EntryRow>

  private constructor(raw: SqliteDatabase, processes: readonly Process[]) {
    this.#raw = raw
    this.#processes = processes
    this.#effects = raw.prepare<EffectRow>(`${SELECT_EFFECT} ORDER BY f.id`)
    this.#approvals = raw.prepare<ApprovalRow>('SELECT *, NULL AS thread FROM approval')
    this.#entries = raw.prepare<EntryRow>('SELECT * FROM entry WHERE id BETWEEN ? AND ? ORDER BY id')
  }

  static async open(path: string, time: ModelTime): Promise<LedgerFile> {
    const processes: Process[] = []
    for (let owner = 1; owner <= OWNERS; owner++) processes.push({ store: await openStore(path, time), owner })
    return new LedgerFile(connect(path, 1_000), processes)
  }

  store(place: number): Store {
    return (this.#processes[place] as Process).store
  }

  async runs(prefix: string): Promise<readonly RunRecord[]> {
    const runs = await Promise.all(RUN_NAMES.map((name) => this.store(0).readRun(prefix + name)))
    return runs.filter((run) => run !== null)
  }

  effects(): readonly EffectRecord[] {
    return this.#effects.all().map(toEffect)
  }

  /** By the effects that they are about. */
  approvals(effects: readonly EffectRecord[]): ReadonlyMap<number, ApprovalRecord> {
    const byId = new Map(effects.map((effect) => [effect.id, effect]))
    const approvals = this.#approvals.all().map((row) => toApproval(row, byId.get(row.effect) as EffectRecord))
    return new Map(approvals.map((approval) => [approval.effect.id, approval]))
  }

  entries({ seq, id }: RunRecord, after: number): readonly EntryRecord[] {
    return this.#entries.all(packId(seq, after + 1), lastId(seq)).map((row) => toEntry(row, id))
  }

  /**
   * The process is gone, as whoever looks for it finds, and another one has its place: all that it held becomes an
   * owner's whose process is not there.
   */
  kill(place: number): void {
    const { owner } = this.#processes[place] as Process
    const { lastInsertRowid: dead } = this.#raw.prepare(BURY).run(NO_PROCESS, owner)
    for (const table of ['run', 'effect'])
      this.#raw.prepare(`UPDATE ${table} SET owner = ? WHERE owner = ?`).run(dead, owner)
  }

  /** Nothing that is there belongs to a ledger any more. */
  clear(): void {
    for (const table of ['run', 'run_counter', 'effect', 'approval', 'entry', 'touched', 'scope WHERE seq < -1'])
      this.#raw.prepare(`DELETE FROM ${table}`).run()
  }

  async close(): Promise<void> {
    this.#raw.close()
    for (const { store } of this.#processes) await store.close()
  }
}

/** Above all that a system gives out. */
const NO_PROCESS = 2 ** 30

const BURY = `INSERT INTO owner (host, machine_id, boot_id, pid_namespace, pid, thread, started, beat, created_at)
SELECT host, machine_id, boot_id, pid_namespace, ?, thread, started, beat, created_at FROM owner WHERE id = ?`

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
