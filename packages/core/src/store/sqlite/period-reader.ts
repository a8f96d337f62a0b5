import type { LimitWindow } from '../limit-records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { type Amounts, type Bucket, PeriodOrigins, type ToolEffects } from './period-origins.ts'
import { COVERING, covers, type PeriodPlace, type PeriodRow, without } from './period-rows.ts'
import { type Bounds, boundsOf, Rolling, spanOf } from './period-span.ts'
import { RollingBuckets } from './rolling-buckets.ts'

/** A period as it would stand if somebody asked for it now. */
export interface PeriodView extends Bounds {
  readonly amounts: Amounts
  readonly tools: readonly ToolEffects[]
}

/** Looks at periods without writing: a missing one is summed up, and what is out of a rolling one left out. */
export class PeriodReader {
  readonly #origins: PeriodOrigins
  readonly #buckets: RollingBuckets
  readonly #covering: SqliteStatement<PeriodPlace>
  readonly #row: SqliteStatement<PeriodRow>
  readonly #bucketsOf: SqliteStatement<Bucket>
  readonly #toolsOf: SqliteStatement<ToolEffects>

  constructor(database: SqliteDatabase) {
    this.#origins = new PeriodOrigins(database)
    this.#buckets = new RollingBuckets(database)
    this.#covering = database.prepare(COVERING)
    this.#row = database.prepare('SELECT * FROM scope_period WHERE id = ?')
    this.#bucketsOf = database.prepare('SELECT * FROM scope_bucket WHERE period = ? AND starts_at >= ?')
    this.#toolsOf = database.prepare(
      'SELECT tool, starts_at, effects FROM scope_tool WHERE period = ? AND starts_at >= ?',
    )
  }

  look(scopeSeq: number, window: LimitWindow, at: number): PeriodView {
    const span = spanOf(window)
    const place = this.#covering.get(scopeSeq, span, at)
    const row = place !== undefined && covers(place, at) ? (this.#row.get(place.id) as PeriodRow) : null
    const rolling = Rolling.of(span)
    return rolling === null ? this.#fixed(scopeSeq, row, window, at) : this.#rolling(scopeSeq, row, rolling, at)
  }

  #fixed(scopeSeq: number, row: PeriodRow | null, window: LimitWindow, at: number): PeriodView {
    const bounds = row === null ? boundsOf(window, at) : { startsAt: row.starts_at, endsAt: row.ends_at }
    if (row !== null) return { ...bounds, amounts: row, tools: this.#toolsOf.all(row.id, 0) }
    return { ...bounds, ...this.#origins.between(scopeSeq, bounds) }
  }

  #rolling(scopeSeq: number, row: PeriodRow | null, rolling: Rolling, at: number): PeriodView {
    const { amounts, buckets, tools } =
      row === null ? this.#origins.rolling(scopeSeq, rolling, at) : this.#present(row, rolling, at)
    const oldest = Math.min(...buckets.filter(hasAny).map(({ starts_at }) => starts_at))
    const endsAt = Number.isFinite(oldest) ? rolling.endOf(oldest) : null
    return { startsAt: at - rolling.ms, endsAt, amounts, tools }
  }

  #present(
    row: PeriodRow,
    rolling: Rolling,
    at: number,
  ): { amounts: Amounts; buckets: Bucket[]; tools: ToolEffects[] } {
    const over = this.#buckets.over(row.id, rolling, at)
    const first = rolling.firstAt(at)
    const amounts = over === null ? row : without(row, over)
    return { amounts, buckets: this.#bucketsOf.all(row.id, first), tools: this.#toolsOf.all(row.id, first) }
  }
}

function hasAny({ spent_nano, spent_tokens, calls, effects }: Bucket): boolean {
  return spent_nano + spent_tokens + calls + effects > 0
}
