import { allowedAt, corrected, NO_ARREARS, owed, taken, takenBefore } from '../../util/gcra.ts'
import type { Limited, RateTerms } from '../limit-records.ts'
import type { SqliteDatabase } from './driver.ts'
import type { LimitedScope } from './limit-book.ts'
import { limited } from './limited.ts'
import { hardRates, RateRows, ruleOf } from './rate-rows.ts'

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

/** Paces of calls, effects and tokens on scopes. */
export class Rates {
  readonly #rows: RateRows

  constructor(database: SqliteDatabase) {
    this.#rows = new RateRows(database)
  }

  /** By the rate that keeps it waiting longest; null if all of them allow it. Counts nothing. */
  refusal(scope: LimitedScope, use: RateUse, at: number): Limited | null {
    const rates = ratesOf(scope, use)
    if (rates.length === 0) return null
    this.#rows.settle(scope, at)
    const refusals = rates.flatMap((rate) => {
      const state = this.#rows.get(scope, rate) ?? NO_ARREARS
      const when = allowedAt(rate, state, use[rate.of], at)
      return when === null ? [] : [{ rate, when, spent: Math.ceil(owed(rate, state, at)) }]
    })
    const longest = refusals.toSorted((one, other) => other.when - one.when)[0]
    if (longest === undefined) return null
    const { rate, when, spent } = longest
    const resetsAt = Number.isFinite(when) ? when : null
    const reason = { what: 'rate', limit: rate.count, spent, requested: use[rate.of] } as const
    const detail = { tool: rate.tool, of: rate.of, perMs: rate.perMs, waitingHelps: resetsAt !== null, resetsAt }
    return limited(scope, reason, detail)
  }

  take(scope: LimitedScope, use: RateUse, at: number): void {
    this.#take(scope, use, at, taken)
  }

  /** What was taken at that time, out of reach of the store. */
  takeAfterwards(scope: LimitedScope, use: RateUse, at: number): void {
    this.#take(scope, use, at, takenBefore)
  }

  /** Corrects what was taken at some time to what was used, which may also be more. A rate that came later never had it. */
  correct(scope: LimitedScope, { before, after, since }: RateCorrection, at: number): void {
    const rates = new Map([...ratesOf(scope, before), ...ratesOf(scope, after)].map((rate) => [ruleOf(rate), rate]))
    if (rates.size === 0) return
    this.#rows.settle(scope, at)
    for (const rate of rates.values()) {
      const state = this.#rows.get(scope, rate)
      if (state === undefined || state.since > since || before[rate.of] === after[rate.of]) continue
      const correction = { taken: before[rate.of], used: after[rate.of], since }
      this.#rows.set(scope, rate, { ...corrected(rate, state, correction, at), since: state.since })
    }
  }

  #take(scope: LimitedScope, use: RateUse, at: number, add: typeof taken): void {
    // Also where nothing is in force: a rate that was removed has not had this.
    this.#rows.settle(scope, at)
    for (const rate of ratesOf(scope, use)) {
      const state = this.#rows.get(scope, rate) ?? { ...NO_ARREARS, since: at }
      this.#rows.set(scope, rate, { ...add(rate, state, use[rate.of], at), since: state.since })
    }
  }
}

const NO_RATES: readonly RateTerms[] = []

/** The rates in force that count some of it, each once. */
function ratesOf(scope: LimitedScope, use: RateUse): readonly RateTerms[] {
  if (!scope.isPaced) return NO_RATES
  const counted = hardRates(scope).filter(
    (rate) => use[rate.of] !== 0 && (rate.tool === null || rate.tool === use.tool),
  )
  return [...new Map(counted.map((rate) => [ruleOf(rate), rate])).values()]
}
