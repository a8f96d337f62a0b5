import type { LimitWindow } from '../limit-records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { firedOf, isReached } from './fired-thresholds.ts'
import type { LimitedScope } from './limit-book.ts'
import { type Amounts, PeriodOrigins, total } from './period-origins.ts'
import { boundsOf, Rolling, spanOf } from './period-span.ts'
import { type BucketSums, NO_SUMS, RollingBuckets } from './rolling-buckets.ts'
import { PARAMETER } from './sql.ts'

/** A row of `scope_period`. */
export interface PeriodRow extends Amounts {
  id: number
  span: string
  starts_at: number
  ends_at: number | null
  fired: string
}

/** One in which effects are counted. */
export type CountedPeriod = PeriodRow & { effects: number }

/** Where a period's row is. */
export type PeriodPlace = Pick<PeriodRow, 'id' | 'span' | 'starts_at' | 'ends_at'>

/**
 * Finds the rows of periods, and makes them. Where they are is remembered with the scope that the LimitBook answered
 * with: a row of a new span can only come from a limit that is in force then, and so from one that this scope has, or
 * under another version of the limits.
 */
export class PeriodRows {
  readonly #origins: PeriodOrigins
  readonly #buckets: RollingBuckets
  /** By span; null: none is known for now. */
  readonly #places = new WeakMap<LimitedScope, Map<string, PeriodPlace | null>>()
  readonly #spans: SqliteStatement<{ span: string }>
  readonly #covering: SqliteStatement<PeriodPlace>
  readonly #row: SqliteStatement<PeriodRow>
  readonly #insert: SqliteStatement
  readonly #setEffects: SqliteStatement
  readonly #insertTool: SqliteStatement
  readonly #evict: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#origins = new PeriodOrigins(database)
    this.#buckets = new RollingBuckets(database)
    this.#spans = database.prepare(`SELECT DISTINCT span FROM scope_period WHERE scope_seq = ${PARAMETER}`)
    this.#covering = database.prepare(COVERING)
    this.#row = database.prepare('SELECT * FROM scope_period WHERE id = ?')
    this.#insert = database.prepare(INSERT)
    this.#setEffects = database.prepare('UPDATE scope_period SET effects = ? WHERE id = ?')
    this.#insertTool = database.prepare('INSERT INTO scope_tool (period, tool, starts_at, effects) VALUES (?, ?, ?, ?)')
    this.#evict = database.prepare(EVICT)
  }

  /** The row of a limit that is in force on the scope, as it stands at that moment. */
  of(scope: LimitedScope, window: LimitWindow, at: number): PeriodRow {
    const place = this.#placeOf(scope, spanOf(window), at)
    return place === null ? this.#create(scope, window, at) : this.current(place, at)
  }

  /** The same, with its effects: looked up when a limit on them asks for the first time. */
  withEffects(scope: LimitedScope, window: LimitWindow, at: number): CountedPeriod {
    const row = this.of(scope, window, at)
    return isCounted(row) ? row : { ...row, effects: this.#lookUpEffects(scope, row, at) }
  }

  /** Every row that has a hold or an effect of that moment in it, whether its limit is still in force or not. */
  covering(scope: LimitedScope, at: number): readonly PeriodPlace[] {
    const places: PeriodPlace[] = []
    for (const span of this.#placesOf(scope).keys()) {
      const place = this.#placeOf(scope, span, at)
      if (place !== null) places.push(place)
    }
    return places
  }

  /** Without what a rolling window has left behind: thresholds that it falls below are told of again. */
  current({ id, span }: PeriodPlace, at: number): PeriodRow {
    const row = this.#row.get(id) as PeriodRow
    const rolling = Rolling.of(span)
    const over = rolling === null ? null : this.#buckets.over(id, rolling, at)
    if (rolling === null || over === null) return row
    this.#buckets.drop(id, rolling, at)
    const left = without(row, over)
    this.#evict.run(left.spent_nano, left.spent_tokens, left.calls, left.effects, left.fired, id)
    return left
  }

  #create(scope: LimitedScope, window: LimitWindow, at: number): PeriodRow {
    const span = spanOf(window)
    const rolling = Rolling.of(span)
    const bounds = boundsOf(window, at)
    const { amounts, buckets } =
      rolling === null ? this.#origins.between(scope.seq, bounds) : this.#origins.rolling(scope.seq, rolling, at)
    const { spent_nano, held_nano, spent_tokens, held_tokens, calls } = amounts
    const sums = [spent_nano, held_nano, spent_tokens, held_tokens, calls]
    const inserted = this.#insert.run(scope.seq, span, bounds.startsAt, bounds.endsAt, ...sums)
    const id = Number(inserted.lastInsertRowid)
    for (const bucket of buckets) this.#buckets.add(id, bucket)
    if (rolling !== null) this.#buckets.complete(id, rolling, at)
    return this.#row.get(id) as PeriodRow
  }

  #lookUpEffects(scope: LimitedScope, { id, span, starts_at, ends_at }: PeriodRow, at: number): number {
    const rolling = Rolling.of(span)
    const tools = this.#origins.effects(scope.seq, { startsAt: starts_at, endsAt: ends_at }, rolling, at)
    const all = total(tools, 'effects')
    this.#setEffects.run(all, id)
    for (const { tool, starts_at, effects } of tools) {
      this.#insertTool.run(id, tool, starts_at, effects)
      if (rolling !== null) this.#buckets.add(id, { ...NO_SUMS, starts_at, effects })
    }
    return all
  }

  #placeOf(scope: LimitedScope, span: string, at: number): PeriodPlace | null {
    const places = this.#placesOf(scope)
    const known = places.get(span)
    if (known != null && covers(known, at)) return known
    const place = this.#covering.get(scope.seq, span, at)
    if (place === undefined || !covers(place, at)) return null
    places.set(span, place)
    return place
  }

  #placesOf(scope: LimitedScope): Map<string, PeriodPlace | null> {
    const known = this.#places.get(scope)
    if (known !== undefined) return known
    const spans = [
      ...this.#spans.all(scope.seq).map(({ span }) => span),
      ...scope.terms.map(({ window }) => spanOf(window)),
    ]
    const places = new Map(spans.map((span) => [span, null]))
    this.#places.set(scope, places)
    return places
  }
}

export const COVERING: string = `SELECT id, span, starts_at, ends_at FROM scope_period WHERE scope_seq = ${PARAMETER}
  AND span = ${PARAMETER} AND starts_at <= ${PARAMETER}  ORDER BY starts_at DESC LIMIT 1`

const INSERT = `INSERT INTO scope_period (scope_seq, span, starts_at, ends_at, spent_nano, held_nano, spent_tokens, held_tokens,
  calls) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

const EVICT = 'UPDATE scope_period SET spent_nano = ?, spent_tokens = ?, calls = ?, effects = ?, fired = ? WHERE id = ?'

export function isCounted(row: PeriodRow): row is CountedPeriod {
  return row.effects !== null
}

export function covers({ starts_at, ends_at }: PeriodPlace, at: number): boolean {
  return starts_at <= at && (ends_at === null || at < ends_at)
}

/** A rolling period once some of it is out. */
export function without(row: PeriodRow, over: BucketSums): PeriodRow {
  const left = {
    ...row,
    spent_nano: row.spent_nano - over.spent_nano,
    spent_tokens: row.spent_tokens - over.spent_tokens,
    calls: row.calls - over.calls,
    effects: row.effects === null ? null : row.effects - over.effects,
  }
  return { ...left, fired: JSON.stringify(firedOf(row).filter((one) => isReached(one, left))) }
}
