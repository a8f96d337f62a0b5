import type { LimitWindow } from '../limit-records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { type Amounts, type Bucket, type Origin, PeriodOrigins, type ToolEffects } from './period-origins.ts'
import { COVERING, covers, isCounted, type PeriodPlace, type PeriodRow, without } from './period-rows.ts'
import { type Bounds, boundsOf, Rolling, spanOf } from './period-span.ts'
import { RollingBuckets } from './rolling-buckets.ts'

/** A period as it would stand if somebody asked for it now. */
export interface PeriodView extends Bounds {
  readonly amounts: Amounts
  /** Only where they were asked for. */
  readonly tools: readonly ToolEffects[]
}

interface Asked {
  readonly window: LimitWindow
  readonly at: number
  readonly withEffects: boolean
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

  look(scopeSeq: number, asked: Asked): PeriodView {
    const { window, at } = asked
    const span = spanOf(window)
    const row = this.present(scopeSeq, window, at)
    const rolling = Rolling.of(span)
    const bounds = row === null ? boundsOf(window, at) : { startsAt: row.starts_at, endsAt: row.ends_at }
    const tools = asked.withEffects ? this.#tools(scopeSeq, row, bounds, rolling, at) : []
    if (rolling !== null) return this.#rolling(this.#origin(scopeSeq, row, rolling, at), tools, rolling, at)
    return { ...bounds, amounts: row ?? this.#origins.between(scopeSeq, bounds).amounts, tools }
  }

  /** The row itself; null where none has been asked for yet. */
  present(scopeSeq: number, window: LimitWindow, at: number): PeriodRow | null {
    const place = this.#covering.get(scopeSeq, spanOf(window), at)
    return place !== undefined && covers(place, at) ? (this.#row.get(place.id) as PeriodRow) : null
  }

  #tools(
    scopeSeq: number,
    row: PeriodRow | null,
    bounds: Bounds,
    rolling: Rolling | null,
    at: number,
  ): readonly ToolEffects[] {
    if (row === null || !isCounted(row)) return this.#origins.effects(scopeSeq, bounds, rolling, at)
    return this.#toolsOf.all(row.id, rolling?.firstAt(at) ?? 0)
  }

  #rolling({ amounts, buckets }: Origin, tools: readonly ToolEffects[], rolling: Rolling, at: number): PeriodView {
    const parts = [...buckets.filter(hasAny), ...tools]
    const oldest = Math.min(...parts.map(({ starts_at }) => starts_at))
    const endsAt = Number.isFinite(oldest) ? rolling.endOf(oldest) : null
    return { startsAt: at - rolling.ms, endsAt, amounts, tools }
  }

  #origin(scopeSeq: number, row: PeriodRow | null, rolling: Rolling, at: number): Origin {
    if (row === null) return this.#origins.rolling(scopeSeq, rolling, at)
    const over = this.#buckets.over(row.id, rolling, at)
    const amounts = over === null ? row : without(row, over)
    return { amounts, buckets: this.#bucketsOf.all(row.id, rolling.firstAt(at)) }
  }
}

function hasAny({ spent_nano, spent_tokens, calls, effects }: Bucket): boolean {
  return spent_nano + spent_tokens + calls + effects > 0
}
