import { type Arrears, allowedAt, arrearsAt, corrected, NO_ARREARS, taken } from '../../util/gcra.ts'
import type { Limited, RateTerms } from '../limit-records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { LimitedScope } from './limit-book.ts'
import { limited } from './limited.ts'

/** What one call or effect takes of the rates of a scope. */
export interface RateUse {
  readonly calls: number
  readonly effects: number
  readonly tokens: number
  /** The tool whose effects they are. */
  readonly tool: string | null
}

/** What was taken, when, and what it should have been. */
export interface RateCorrection {
  readonly before: RateUse
  readonly after: RateUse
  readonly since: number
}

type RateRow = Arrears & { readonly since: number }

/** Paces of calls, effects and tokens on scopes. Two limits of a scope that say the same share one state. */
export class Rates {
  readonly #get: SqliteStatement<RateRow>
  readonly #set: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#get = database.prepare('SELECT at, debt, since FROM scope_rate WHERE scope_seq = ? AND rule = ?')
    this.#set = database.prepare(SET)
  }

  /** By the rate that keeps it waiting longest; null if all of them allow it. Writes nothing. */
  refusal(scope: LimitedScope, use: RateUse, at: number): Limited | null {
    const refusals = [...rulesOf(scope, use)].flatMap(([rule, rate]) => {
      const state = this.#get.get(scope.seq, rule) ?? NO_ARREARS
      const when = allowedAt(rate, state, use[rate.of], at)
      return when === null ? [] : [{ rate, when, spent: Math.ceil(arrearsAt(rate, state, at).debt / rate.perMs) }]
    })
    const longest = refusals.toSorted((one, other) => other.when - one.when)[0]
    if (longest === undefined) return null
    const { rate, when, spent } = longest
    const resetsAt = Number.isFinite(when) ? when : null
    const reason = { what: 'rate', limit: rate.count, spent, requested: use[rate.of] } as const
    const detail = { tool: rate.tool, perMs: rate.perMs, waitingHelps: resetsAt !== null, resetsAt }
    return limited(scope, reason, detail)
  }

  take(scope: LimitedScope, use: RateUse, at: number): void {
    for (const [rule, rate] of rulesOf(scope, use)) {
      const state = taken(rate, this.#get.get(scope.seq, rule) ?? NO_ARREARS, use[rate.of], at)
      this.#set.run(scope.seq, rule, state.at, state.debt, at)
    }
  }

  /** Corrects what was taken at some time to what was used, which may also be more. A rate that came later never had it. */
  correct(scope: LimitedScope, { before, after, since }: RateCorrection, at: number): void {
    const rules = new Map([...rulesOf(scope, before), ...rulesOf(scope, after)])
    for (const [rule, rate] of rules) {
      const row = this.#get.get(scope.seq, rule)
      if (row === undefined || row.since > since || before[rate.of] === after[rate.of]) continue
      const state = corrected(rate, row, { taken: before[rate.of], used: after[rate.of], since }, at)
      this.#set.run(scope.seq, rule, state.at, state.debt, row.since)
    }
  }
}

const SET = `INSERT INTO scope_rate (scope_seq, rule, at, debt, since) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET at = excluded.at, debt = excluded.debt`

const NO_RULES: ReadonlyMap<string, RateTerms> = new Map()

/** Each rate that counts some of it once, by the text that its state is kept under. */
function rulesOf({ terms, isPaced }: LimitedScope, use: RateUse): ReadonlyMap<string, RateTerms> {
  if (!isPaced) return NO_RULES
  const rates = terms.flatMap((limit) => (limit.mode === 'hard' ? limit.rates : []))
  const counted = rates.filter((rate) => use[rate.of] !== 0 && (rate.tool === null || rate.tool === use.tool))
  return new Map(counted.map((rate) => [ruleOf(rate), rate]))
}

function ruleOf({ of, tool, count, perMs, burst }: RateTerms): string {
  const rule = `${count} ${of} / ${perMs}, ${burst}`
  return tool === null ? rule : `${rule} ${tool}`
}
