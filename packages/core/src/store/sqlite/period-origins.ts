import { ENTRY_CODE, HOLD_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { Bounds, Rolling } from './period-span.ts'
import { PARAMETER } from './sql.ts'

/** What the row of a period counts. */
export interface Amounts {
  spent_nano: number
  held_nano: number
  spent_tokens: number
  held_tokens: number
  calls: number
  /** Null until a limit asks for them, so that no others pay for looking them up. */
  effects: number | null
}

/** The part of a rolling period that came in at one time. What is held is in none: it counts whenever it began. */
export type Bucket = Omit<Amounts, 'held_nano' | 'held_tokens' | 'effects'> & { starts_at: number; effects: number }

/** `starts_at`: of the bucket, where the period is rolling, else 0. */
export interface ToolEffects {
  tool: string
  starts_at: number
  effects: number
}

/** What a period is made of when it is asked for the first time. */
export interface Origin {
  readonly amounts: Amounts
  readonly buckets: readonly Bucket[]
}

/**
 * Makes counters from what they count: the legs of the holds, and, where a limit asks for effects, on a run's own scope
 * the claims of it and of the runs below it. Effects leave no leg in the shared scopes, and count there from the time on
 * at which somebody asks.
 */
export class PeriodOrigins {
  readonly #within: SqliteStatement<Amounts>
  readonly #held: SqliteStatement<Pick<Amounts, 'held_nano' | 'held_tokens'>>
  readonly #buckets: SqliteStatement<Bucket>
  readonly #tools: SqliteStatement<ToolEffects>

  constructor(database: SqliteDatabase) {
    this.#within = database.prepare(WITHIN)
    this.#held = database.prepare(HELD)
    this.#buckets = database.prepare(BUCKETS)
    this.#tools = database.prepare(TOOLS)
  }

  /** Of a fixed period, or of all time; without effects. */
  between(scopeSeq: number, { startsAt, endsAt }: Bounds): Origin {
    return { amounts: this.#within.get(scopeSeq, startsAt, endsAt ?? NEVER) as Amounts, buckets: [] }
  }

  /** Of the buckets that are not out by then; without effects. */
  rolling(scopeSeq: number, rolling: Rolling, at: number): Origin {
    const buckets = this.#buckets.all(rolling.width, firstBucket(rolling, at), scopeSeq, scopeSeq)
    const held = this.#held.get(scopeSeq) as Pick<Amounts, 'held_nano' | 'held_tokens'>
    return { amounts: { ...totals(buckets), ...held, effects: null }, buckets }
  }

  /** The effects of the same time, by tool. Reads all entries of a run and of those below it. */
  effects(scopeSeq: number, { startsAt, endsAt }: Bounds, rolling: Rolling | null, at: number): readonly ToolEffects[] {
    if (scopeSeq < 0) return []
    if (rolling === null) return this.#tools.all(scopeSeq, NO_BUCKETS, startsAt, endsAt ?? NEVER)
    return this.#tools.all(scopeSeq, rolling.width, firstBucket(rolling, at), NEVER)
  }
}

/** What some buckets have in sum. */
export function totals(buckets: readonly Bucket[]): Omit<Bucket, 'starts_at'> {
  return {
    spent_nano: total(buckets, 'spent_nano'),
    spent_tokens: total(buckets, 'spent_tokens'),
    calls: total(buckets, 'calls'),
    effects: total(buckets, 'effects'),
  }
}

export function total<Name extends string>(rows: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return rows.reduce((sum, row) => sum + row[name], 0)
}

function firstBucket(rolling: Rolling, at: number): number {
  return Math.ceil(rolling.firstAt(at) / rolling.width) * rolling.width
}

const NEVER = Number.MAX_SAFE_INTEGER
const NO_BUCKETS = 0

const IS_OPEN = `h.status = ${HOLD_CODE.open}`
const IS_SPENT = `h.status IN (${HOLD_CODE.settled}, ${HOLD_CODE.charged})`
const LEGS = 'FROM hold_leg l CROSS JOIN hold h ON h.id = l.hold WHERE l.scope_seq = '

const HELD_COLUMNS = `coalesce(sum(h.nano) FILTER (WHERE ${IS_OPEN}), 0) AS held_nano,
  coalesce(sum(h.tokens) FILTER (WHERE ${IS_OPEN}), 0) AS held_tokens`

const HELD = `SELECT ${HELD_COLUMNS} ${LEGS} ${PARAMETER}`

const WITHIN = `SELECT ${HELD_COLUMNS}, coalesce(sum(h.settled_nano) FILTER (WHERE ${IS_SPENT}), 0) AS spent_nano,
  coalesce(sum(h.settled_tokens) FILTER (WHERE ${IS_SPENT}), 0) AS spent_tokens,
  coalesce(sum(h.counted), 0) AS calls, NULL AS effects ${LEGS} ${PARAMETER}
  AND l.at >= ${PARAMETER} AND l.at < ${PARAMETER}`

// Numbers are bound as real ones, and the quotient of these is no number of a bucket.
const WIDTH = `CAST(${PARAMETER} AS INTEGER) AS width`
const SIZES = `SELECT ${WIDTH}, CAST(${PARAMETER} AS INTEGER) AS first`

// Money and tokens by the time of their settlement, calls by that of their admission.
const BUCKETS = `WITH size AS (${SIZES}), part AS (
    SELECT h.ended_at AS at, h.settled_nano AS nano, h.settled_tokens AS tokens, 0 AS calls ${LEGS} ${PARAMETER} AND ${IS_SPENT}
    UNION ALL SELECT l.at, 0, 0, h.counted ${LEGS} ${PARAMETER} AND l.at >= (SELECT first FROM size))
  SELECT p.at / s.width * s.width AS starts_at, sum(p.nano) AS spent_nano, sum(p.tokens) AS spent_tokens,
    sum(p.calls) AS calls, 0 AS effects
  FROM part p JOIN size s ON p.at >= s.first GROUP BY 1`

// The first attempt of a generation is what counts. The plus keeps SQLite from making an index of all entries for this.
const TOOLS = `WITH RECURSIVE tree(seq) AS (SELECT ${PARAMETER} UNION SELECT r.seq FROM run r JOIN tree t ON r.parent_seq = t.seq),
  size AS (SELECT ${WIDTH})
  SELECT e.body ->> 'tool' AS tool, CASE s.width WHEN ${NO_BUCKETS} THEN 0 ELSE e.at / s.width * s.width END AS starts_at,
    count(*) AS effects
  FROM size s CROSS JOIN tree t CROSS JOIN entry e ON e.id BETWEEN t.seq * 16777216 AND t.seq * 16777216 + 16777215
  WHERE +e.kind = ${ENTRY_CODE['effect-claimed']} AND e.body ->> 'attempt' = 1 AND e.at >= ${PARAMETER} AND e.at < ${PARAMETER}
  GROUP BY 1, 2`
