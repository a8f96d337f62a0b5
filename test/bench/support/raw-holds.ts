import type Database from 'better-sqlite3'
import { timed } from './rounds.ts'

const HELD = 1_000_000
const SPENT = 600_000
const RUN = 1
/** The run, the user, the session and the ledger; the session has no limit, and so no counter. */
const SCOPES = [RUN, -2, -3, -1] as const
const LIMITED = [RUN, -2, -1] as const
const LIMIT = 1_000_000_000_000_000
const BODY = JSON.stringify({ hold: 1, label: 'a model', nano: HELD })

/** The same rows as ours in the same tables, by hand: one transaction before the call and one after it. */
export class RawHolds {
  readonly #reserve: (number: number) => void
  readonly #settle: (number: number) => void
  #number = 0

  constructor(database: Database.Database) {
    const period = database.prepare('INSERT INTO scope_period (id, scope_seq, span, starts_at) VALUES (?, ?, ?, 0)')
    for (const [index, scope] of LIMITED.entries()) period.run(index + 1, scope, '')
    const hold = database.prepare(
      `INSERT INTO hold (id, run_seq, status, owner, leased_at, lease_ms, bounded, nano, tokens, created_at, scopes, label)
        VALUES (?, ${RUN}, 0, 1, 0, 60000, 1, ${HELD}, 0, ?, '${JSON.stringify(SCOPES)}', 'a model')`,
    )
    const leg = database.prepare('INSERT INTO hold_leg (scope_seq, at, hold) VALUES (?, ?, ?)')
    const take = database.prepare(
      `UPDATE scope_period SET held_nano = held_nano + ${HELD}, calls = calls + 1
        WHERE scope_seq = ? AND span = '' AND starts_at = 0 AND spent_nano + held_nano + ${HELD} <= ${LIMIT}`,
    )
    const entry = database.prepare('INSERT INTO entry (id, at, kind, effect, body) VALUES (?, ?, 37, NULL, ?)')
    const end = database.prepare(
      `UPDATE hold SET status = 1, settled_nano = ${SPENT}, settled_tokens = 0, ended_at = ? WHERE id = ? AND status = 0`,
    )
    const give = database.prepare(
      `UPDATE scope_period SET held_nano = held_nano - ${HELD}, spent_nano = spent_nano + ${SPENT}
        WHERE scope_seq = ? AND span = '' AND starts_at = 0`,
    )
    this.#reserve = database.transaction((number: number) => {
      hold.run(number, number)
      for (const scope of SCOPES) leg.run(scope, number, number)
      for (const scope of LIMITED) if (take.run(scope).changes !== 1) throw new Error('the limit is reached')
      entry.run((RUN << 24) + number * 2, number, BODY)
    }).immediate
    this.#settle = database.transaction((number: number) => {
      if (end.run(number, number).changes !== 1) throw new Error('settled before')
      for (const scope of LIMITED) give.run(scope)
      entry.run((RUN << 24) + number * 2 + 1, number, BODY)
    }).immediate
  }

  /** Microseconds for a reserve and its settle. */
  round(holds: number): Promise<number> {
    return timed(holds, () => {
      for (let left = holds; left > 0; left--) {
        const number = ++this.#number
        this.#reserve(number)
        this.#settle(number)
      }
    })
  }
}
