import type { ThresholdReached } from '../limit-records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { Bucket } from './period-origins.ts'
import type { Rolling } from './period-span.ts'
import { PARAMETER } from './sql.ts'

type What = ThresholdReached['what']

export type BucketSums = Omit<Bucket, 'starts_at'>
export const NO_SUMS: BucketSums = Object.freeze({ spent_nano: 0, spent_tokens: 0, calls: 0, effects: 0 })

/** The parts of rolling periods, by the time at which they came in. Whoever changes one changes the period's row alike. */
export class RollingBuckets {
  readonly #add: SqliteStatement
  readonly #take: SqliteStatement
  readonly #oldest: SqliteStatement<{ starts_at: number }>
  readonly #next: Readonly<Record<What, SqliteStatement<{ starts_at: number }>>>
  readonly #over: SqliteStatement<BucketSums>
  readonly #drop: SqliteStatement
  readonly #dropTools: SqliteStatement
  readonly #completeFrom: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare(ADD)
    this.#take = database.prepare(TAKE)
    this.#oldest = database.prepare(OLDEST)
    const next = (column: string) => database.prepare<{ starts_at: number }>(nextWith(column))
    this.#next = {
      budget: next('spent_nano'),
      tokens: next('spent_tokens'),
      calls: next('calls'),
      effects: next('effects'),
    }
    this.#over = database.prepare(OVER)
    this.#drop = database.prepare('DELETE FROM scope_bucket WHERE period = ? AND starts_at < ?')
    this.#completeFrom = database.prepare(COMPLETE_FROM)
    this.#dropTools = database.prepare('DELETE FROM scope_tool WHERE period = ? AND starts_at < ?')
  }

  add(period: number, { starts_at, spent_nano, spent_tokens, calls, effects }: Bucket): void {
    this.#add.run(period, starts_at, spent_nano, spent_tokens, calls, effects)
  }

  /** False where the bucket is out: what was in it counts no more. */
  take(period: number, { starts_at, spent_nano, spent_tokens, calls }: Bucket): boolean {
    const has = [spent_nano, spent_tokens, calls] as const
    return this.#take.run(...has, period, starts_at, ...has).changes === 1
  }

  /** When there is room again: when the oldest bucket falls out that has some of it. Null: there is none. */
  nextEnd(period: number, rolling: Rolling, what: What, at: number): number | null {
    const next = this.#next[what].get(period, rolling.firstAt(at))
    return next === undefined ? null : rolling.endOf(next.starts_at)
  }

  /** What is out at that moment and still counted; null for nothing. */
  over(period: number, rolling: Rolling, at: number): BucketSums | null {
    const first = rolling.firstAt(at)
    const oldest = this.#oldest.get(period)?.starts_at ?? first
    return oldest < first ? (this.#over.get(period, first) ?? null) : null
  }

  drop(period: number, rolling: Rolling, at: number): void {
    const first = rolling.firstAt(at)
    this.#drop.run(period, first)
    this.#dropTools.run(period, first)
    this.complete(period, rolling, at)
  }

  /** From now on the buckets that are not out by then have all that came in, which is what `verify` goes by. */
  complete(period: number, rolling: Rolling, at: number): void {
    this.#completeFrom.run(rolling.firstAt(at), period)
  }
}

const ADD = `INSERT INTO scope_bucket (period, starts_at, spent_nano, spent_tokens, calls, effects) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (period, starts_at) DO UPDATE SET spent_nano = spent_nano + excluded.spent_nano,
    spent_tokens = spent_tokens + excluded.spent_tokens, calls = calls + excluded.calls, effects = effects + excluded.effects`

const COMPLETE_FROM = 'UPDATE scope_period SET complete_from = max(complete_from, ?) WHERE id = ?'

// One that a clock which was set back has made anew may have less in it than is to be taken.
const TAKE = `UPDATE scope_bucket SET spent_nano = spent_nano - ?, spent_tokens = spent_tokens - ?, calls = calls - ?
  WHERE period = ? AND starts_at = ? AND spent_nano >= ? AND spent_tokens >= ? AND calls >= ?`

const OLDEST = `SELECT starts_at FROM scope_bucket WHERE period = ${PARAMETER} ORDER BY starts_at LIMIT 1`

const nextWith = (column: string) => `SELECT starts_at FROM scope_bucket
  WHERE period = ${PARAMETER} AND starts_at >= ${PARAMETER} AND ${column} > 0 ORDER BY starts_at LIMIT 1`

const OVER = `SELECT sum(spent_nano) AS spent_nano, sum(spent_tokens) AS spent_tokens, sum(calls) AS calls,
  sum(effects) AS effects FROM scope_bucket WHERE period = ? AND starts_at < ?`
