import type { LimitTerms } from '../limit-records.ts'
import type { SetLimits } from '../money-verbs.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { Entries, entryBody } from './entries.ts'
import { exactKey, patternKey, patternOf, RUN_PREFIX, SOURCE_CODE } from './limit-pattern.ts'
import { LEDGER_SEQ } from './scopes.ts'
import { PARAMETER } from './sql.ts'

type SetLimit = SetLimits['limits'][number]

interface LimitRow {
  pattern: string
  source: number
  limits: string
}

/** Sets limits and tells which are set. */
export class Limits {
  readonly #entries: Entries
  readonly #stored: SqliteStatement<{ limits: string }>
  readonly #put: SqliteStatement
  readonly #remove: SqliteStatement
  readonly #raise: SqliteStatement
  readonly #some: SqliteStatement<LimitRow>
  readonly #shared: SqliteStatement<LimitRow>

  constructor(database: SqliteDatabase) {
    this.#entries = new Entries(database)
    this.#stored = database.prepare('SELECT limits FROM scope_limit WHERE pattern = ? AND source = ?')
    this.#put = database.prepare(PUT)
    this.#remove = database.prepare('DELETE FROM scope_limit WHERE pattern = ? AND source = ?')
    this.#raise = database.prepare('UPDATE limit_version SET version = version + 1 WHERE id = 1')
    this.#some = database.prepare(SOME)
    this.#shared = database.prepare(SHARED)
  }

  setLimits({ limits, at }: SetLimits): { readonly changed: readonly string[] } {
    const changed = limits.filter((limit) => this.#set(patternKey(limit.pattern), limit, at))
    if (changed.length > 0) this.#raise.run()
    for (const { pattern, source, terms } of changed) {
      const body = entryBody({ pattern, source, limits: terms })
      this.#entries.appendAnywhere(LEDGER_SEQ, { kind: 'limits-set', at, body })
    }
    return { changed: changed.map(({ pattern }) => pattern) }
  }

  /** What the code says of one run itself, in place of what it said before; told in the run's own stream. */
  setOfRun(
    run: { readonly seq: number; readonly id: string; readonly isNew: boolean },
    terms: readonly LimitTerms[],
    at: number,
  ): void {
    const pattern = RUN_PREFIX + run.id
    if (!this.#set(exactKey(pattern), { pattern, source: 'code', terms }, at)) return
    // Nobody can remember the limits of a run that was not there yet.
    if (!run.isNew) this.#raise.run()
    const body = entryBody({ pattern, source: 'code', limits: terms })
    this.#entries.appendAnywhere(run.seq, { kind: 'limits-set', at, body })
  }

  listLimits(pattern?: string): SetLimits['limits'] {
    const rows =
      pattern === undefined ? this.#shared.all(...RUNS_RANGE) : this.#some.all(patternKey(pattern), exactKey(pattern))
    return rows.map(({ pattern, source, limits }) => ({
      pattern: patternOf(pattern),
      source: source === SOURCE_CODE.code ? 'code' : 'runtime',
      terms: JSON.parse(limits),
    }))
  }

  /** Whether it was not so already. */
  #set(key: string, { source, terms }: SetLimit, at: number): boolean {
    const code = SOURCE_CODE[source]
    const before = this.#stored.get(key, code)?.limits ?? null
    const after = terms === null ? null : JSON.stringify(terms.map(inOrder))
    if (before === after) return false
    if (after === null) this.#remove.run(key, code)
    else this.#put.run(key, code, after, at)
    return true
  }
}

const SELECT = 'SELECT pattern, source, limits FROM scope_limit'
const SOME = `${SELECT} WHERE pattern IN (${PARAMETER}, ${PARAMETER}) ORDER BY pattern, source`
// In two parts: there may be many runs in between.
const SHARED = `${SELECT} WHERE pattern < ${PARAMETER} UNION ALL ${SELECT} WHERE pattern >= ${PARAMETER} ORDER BY pattern, source`
const PUT = `INSERT INTO scope_limit (pattern, source, limits, set_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (pattern, source) DO UPDATE SET limits = excluded.limits, set_at = excluded.set_at`

/** The keys of all runs' own limits lie between these two. */
const RUNS_RANGE = [exactKey(RUN_PREFIX), exactKey('run;')] as const

/** The same limits have the same text, in whatever order their members came. */
function inOrder(limit: LimitTerms): LimitTerms {
  const { mode, budgetNano, finalReserveNano, tokens, calls, effects, wallMs, window, thresholds } = limit
  const rates = limit.rates.map(({ of, tool, count, perMs, burst }) => ({ of, tool, count, perMs, burst }))
  const tools = limit.tools.map(({ tool, effects }) => ({ tool, effects }))
  return {
    ...{ mode, budgetNano, finalReserveNano, tokens, calls, effects, wallMs, rates, tools },
    window: window === null || 'rollingMs' in window ? window : { every: window.every, timeZone: window.timeZone },
    thresholds,
  }
}
