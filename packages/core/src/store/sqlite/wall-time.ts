import type { Limited, LimitTerms } from '../limit-records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { LimitedScope } from './limit-book.ts'
import { limited } from './limited.ts'

/**
 * How long a run may take: since it was opened or retried, or went on after it had waited for a human. A takeover of a
 * run that died gives it no more time.
 */
export class WallTime {
  readonly #since: SqliteStatement<{ since: number }>

  constructor(database: SqliteDatabase) {
    this.#since = database.prepare('SELECT coalesce(timed_from, created_at) AS since FROM run WHERE seq = ?')
  }

  /** Null where the limit has none, or is not one of a run. */
  check(scope: LimitedScope, { wallMs }: LimitTerms, at: number): Limited | null {
    if (wallMs === null || scope.runSeq === null) return null
    const spent = at - (this.#since.get(scope.runSeq)?.since ?? at)
    return spent < wallMs ? null : limited(scope, { what: 'wall', limit: wallMs, spent, requested: 0 })
  }
}
