import type { LimitWindow, ThresholdReached } from '../limit-records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { LimitedScope } from './limit-book.ts'
import { type CountedPeriod, type PeriodRow, PeriodRows } from './period-rows.ts'
import { Rolling } from './period-span.ts'
import { type BucketSums, NO_SUMS, RollingBuckets } from './rolling-buckets.ts'

export interface Amount {
  readonly nano: number
  readonly tokens: number
}

/** What a hold comes to, as it moves in every scope of it. */
export interface Movement {
  /** When it was opened: the period of that moment has it, also when it settles in the next one. */
  readonly admittedAt: number
  /** What is held no more. */
  readonly held: Amount
  readonly spent: Amount
  /** What it was taken to have cost so far, and since when; null: nothing. */
  readonly before: (Amount & { readonly at: number }) | null
  /** -1: it was no call after all; 1: it was one. */
  readonly calls: -1 | 0 | 1
  readonly at: number
}

/**
 * What is spent and held of a scope in each span of time that a limit has ever asked for. Whether that limit is still in
 * force or not, a row has all holds of its time: one that comes back finds it as it has to be.
 */
export class ScopePeriods {
  readonly #rows: PeriodRows
  readonly #buckets: RollingBuckets
  readonly #add: SqliteStatement
  readonly #addEffect: SqliteStatement
  readonly #addTool: SqliteStatement
  readonly #toolEffects: SqliteStatement<{ effects: number }>

  constructor(database: SqliteDatabase) {
    this.#rows = new PeriodRows(database)
    this.#buckets = new RollingBuckets(database)
    this.#add = database.prepare(ADD)
    this.#addEffect = database.prepare(ADD_EFFECT)
    this.#addTool = database.prepare(ADD_TOOL)
    this.#toolEffects = database.prepare(
      'SELECT coalesce(sum(effects), 0) AS effects FROM scope_tool WHERE period = ? AND tool = ?',
    )
  }

  /** The period of a limit that is in force on the scope; made from the holds when it is asked for the first time. */
  of(scope: LimitedScope, window: LimitWindow, at: number): PeriodRow {
    return this.#rows.of(scope, window, at)
  }

  /** The same for a limit on effects, which are looked up when they are asked for the first time. */
  withEffects(scope: LimitedScope, window: LimitWindow, at: number): CountedPeriod {
    return this.#rows.withEffects(scope, window, at)
  }

  /** When there is more of it without anybody's doing, of a period as `of` gave it; null for never. */
  resetsAt({ id, span, ends_at }: PeriodRow, what: ThresholdReached['what'], at: number): number | null {
    const rolling = Rolling.of(span)
    return rolling === null ? ends_at : this.#buckets.nextEnd(id, rolling, what, at)
  }

  /** Effects of one tool, in a period as `withEffects` gave it. */
  effectsOf(period: CountedPeriod, tool: string): number {
    return this.#toolEffects.get(period.id, tool)?.effects ?? 0
  }

  /** A new hold, and a call more, in all periods that the scope has by then. */
  hold(scope: LimitedScope, { nano, tokens }: Amount, at: number): void {
    for (const { id, span } of this.#rows.covering(scope, at)) {
      this.#add.run(0, nano, 0, tokens, 1, id)
      this.#addBucket(id, span, { ...NO_SUMS, calls: 1 }, at)
    }
  }

  /** An effect more in all periods in which a limit has asked for them, whether it is still in force or not. */
  countEffect(scope: LimitedScope, tool: string, at: number): void {
    for (const { id, span } of this.#rows.covering(scope, at)) {
      if (this.#addEffect.run(id).changes === 0) continue
      this.#addBucket(id, span, { ...NO_SUMS, effects: 1 }, at)
      this.#addTool.run(id, tool, Rolling.of(span)?.bucketAt(at) ?? 0)
    }
  }

  settle(scope: LimitedScope, movement: Movement): void {
    const { admittedAt, held, spent, before, calls, at } = movement
    for (const place of this.#rows.covering(scope, admittedAt)) {
      const rolling = Rolling.of(place.span)
      if (rolling === null) {
        const [nano, tokens] = [spent.nano - (before?.nano ?? 0), spent.tokens - (before?.tokens ?? 0)]
        this.#add.run(nano, -held.nano, tokens, -held.tokens, calls, place.id)
        continue
      }
      this.#rows.current(place, at)
      this.#settleRolling(place.id, rolling, movement)
    }
  }

  /** What is spent belongs to the time of its settlement; what is taken back, to the time at which it had come in. */
  #settleRolling(id: number, rolling: Rolling, { admittedAt, held, spent, before, calls, at }: Movement): void {
    this.#add.run(0, -held.nano, 0, -held.tokens, 0, id)
    // First: what is put in must not be taken for it, where a clock that was set back has brought a bucket back.
    if (before !== null) {
      this.#take(id, rolling, { ...NO_SUMS, spent_nano: before.nano, spent_tokens: before.tokens }, before.at)
    }
    this.#put(id, rolling, { ...NO_SUMS, spent_nano: spent.nano, spent_tokens: spent.tokens }, at)
    if (calls === 1) this.#put(id, rolling, { ...NO_SUMS, calls }, admittedAt)
    if (calls === -1) this.#take(id, rolling, { ...NO_SUMS, calls: 1 }, admittedAt)
  }

  #put(id: number, rolling: Rolling, sums: BucketSums, since: number): void {
    this.#buckets.add(id, { ...sums, starts_at: rolling.bucketAt(since) })
    this.#add.run(sums.spent_nano, 0, sums.spent_tokens, 0, sums.calls, id)
  }

  /** What is out already counts no more, and is not taken twice. */
  #take(id: number, rolling: Rolling, sums: BucketSums, since: number): void {
    if (!this.#buckets.take(id, { ...sums, starts_at: rolling.bucketAt(since) })) return
    this.#add.run(-sums.spent_nano, 0, -sums.spent_tokens, 0, -sums.calls, id)
  }

  #addBucket(id: number, span: string, sums: BucketSums, at: number): void {
    const rolling = Rolling.of(span)
    if (rolling !== null) this.#buckets.add(id, { ...sums, starts_at: rolling.bucketAt(at) })
  }
}

const ADD = `UPDATE scope_period SET spent_nano = spent_nano + ?, held_nano = held_nano + ?, spent_tokens = spent_tokens + ?,
  held_tokens = held_tokens + ?, calls = calls + ? WHERE id = ?`

const ADD_EFFECT = 'UPDATE scope_period SET effects = effects + 1 WHERE id = ? AND effects IS NOT NULL'

const ADD_TOOL = `INSERT INTO scope_tool (period, tool, starts_at, effects) VALUES (?, ?, ?, 1)
  ON CONFLICT (period, tool, starts_at) DO UPDATE SET effects = effects + 1`
