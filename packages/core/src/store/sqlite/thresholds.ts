import type { LimitTerms, ThresholdReached } from '../limit-records.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { Entries, entryBody } from './entries.ts'
import { type Fired, firedOf, isReached, spentOf } from './fired-thresholds.ts'
import type { LimitedScope } from './limit-book.ts'
import type { PeriodRow } from './period-rows.ts'

type What = ThresholdReached['what']

/** A threshold that was reached now, and whose stream is to tell of it. */
export interface Reached {
  readonly scopeSeq: number
  readonly reached: ThresholdReached
}

/** Notices when what has gone of a limit reaches one of its thresholds: once in each period, whatever the limit's mode. */
export class Thresholds {
  readonly #context: VerbContext
  readonly #entries: Entries
  readonly #fire: SqliteStatement

  constructor(context: VerbContext) {
    this.#context = context
    this.#entries = new Entries(context.database)
    this.#fire = context.database.prepare('UPDATE scope_period SET fired = ? WHERE id = ?')
  }

  /** `since`: the moment whose period it is, where that has bounds. */
  notice(scope: LimitedScope, kinds: readonly What[], since: number, at: number): readonly Reached[] {
    return scope.terms.flatMap((limit) => {
      if (limit.thresholds.length === 0) return []
      const isRolling = limit.window !== null && 'rollingMs' in limit.window
      const period = this.#context.periods.of(scope, limit.window, isRolling ? at : since)
      return this.#fireNew(period, partsOf(limit, kinds)).map((fired) => ({
        scopeSeq: scope.seq,
        reached: toReached(scope, fired, period),
      }))
    })
  }

  /** In the stream of the run, or of the scope. */
  tell(reached: readonly Reached[], at: number): void {
    for (const { scopeSeq, reached: facts } of reached) {
      this.#entries.appendAnywhere(scopeSeq, { kind: 'threshold-reached', at, body: entryBody({ ...facts }) })
    }
  }

  #fireNew(period: PeriodRow, parts: readonly Fired[]): readonly Fired[] {
    const reached = parts.filter((part) => isReached(part, period))
    if (reached.length === 0) return []
    const fired = firedOf(period)
    const known = new Set(fired.map(String))
    const fresh = reached.filter((part) => !known.has(String(part)))
    if (fresh.length > 0) this.#fire.run(JSON.stringify([...fired, ...fresh]), period.id)
    return fresh
  }
}

function partsOf(limit: LimitTerms, kinds: readonly What[]): readonly Fired[] {
  return kinds.flatMap((what) => {
    const most = what === 'budget' ? limit.budgetNano : limit[what]
    return most === null ? [] : limit.thresholds.map((threshold): Fired => [what, most, threshold])
  })
}

function toReached({ name }: LimitedScope, [what, limit, threshold]: Fired, period: PeriodRow): ThresholdReached {
  return { scope: name, what, threshold, limit, spent: spentOf(what, period) }
}
