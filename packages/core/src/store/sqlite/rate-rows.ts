import { type Arrears, owed, rescaled } from '../../util/gcra.ts'
import type { RateTerms } from '../limit-records.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { LimitedScope } from './limit-book.ts'
import { PARAMETER } from './sql.ts'

/** `since`: when the first was taken that it counts. */
export type RateState = Arrears & { readonly since: number }

interface RateRow extends RateState {
  readonly rule: string
}

/** A rate that is in force no more, and how it stood. */
interface Former {
  readonly rate: RateTerms
  readonly state: RateState
  readonly owed: number
}

/** The states of the rates of scopes, by what each rate says: two limits of a scope that say the same share one. */
export class RateRows {
  /** Their rows are those of the rates in force. Scopes come anew whenever a limit is set, or a transaction is lost. */
  readonly #settled = new WeakSet<LimitedScope>()
  readonly #get: SqliteStatement<RateState>
  readonly #all: SqliteStatement<RateRow>
  readonly #set: SqliteStatement
  readonly #remove: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#get = database.prepare(
      `SELECT at, debt, since FROM scope_rate WHERE scope_seq = ${PARAMETER} AND rule = ${PARAMETER}`,
    )
    this.#all = database.prepare(`SELECT rule, at, debt, since FROM scope_rate WHERE scope_seq = ${PARAMETER}`)
    this.#set = database.prepare(SET)
    this.#remove = database.prepare('DELETE FROM scope_rate WHERE scope_seq = ? AND rule = ?')
  }

  get({ seq }: LimitedScope, rate: RateTerms): RateState | undefined {
    return this.#get.get(seq, ruleOf(rate))
  }

  set({ seq }: LimitedScope, rate: RateTerms, { at, debt, since }: RateState): void {
    this.#set.run(seq, ruleOf(rate), at, debt, since)
  }

  /**
   * Hands what rates that are in force no more still owe to those that came in their place, and forgets them: a rate that
   * was changed gives no new burst, and one that comes back has not had what was taken while it was away.
   */
  settle(scope: LimitedScope, at: number): void {
    if (this.#settled.has(scope)) return
    this.#settled.add(scope)
    const rows = this.#all.all(scope.seq)
    if (rows.length === 0) return
    const inForce = new Map(hardRates(scope).map((rate) => [ruleOf(rate), rate]))
    const known = new Set(rows.map(({ rule }) => rule))
    const former = rows.filter(({ rule }) => !inForce.has(rule)).map((row) => formerOf(row, at))
    for (const [rule, rate] of inForce) if (!known.has(rule)) this.#inherit(scope, rate, former)
    for (const { rate } of former) this.#remove.run(scope.seq, ruleOf(rate))
  }

  #inherit(scope: LimitedScope, rate: RateTerms, former: readonly Former[]): void {
    const before = predecessorOf(rate, former)
    if (before === undefined) return
    const { state } = before
    this.set(scope, rate, { ...rescaled(before.rate, rate, state, state.at), since: state.since })
  }
}

const SET = `INSERT INTO scope_rate (scope_seq, rule, at, debt, since) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET at = excluded.at, debt = excluded.debt, since = excluded.since`

/** The rates of a scope that refuse something. */
export function hardRates({ terms }: LimitedScope): readonly RateTerms[] {
  return terms.flatMap((limit) => (limit.mode === 'hard' ? limit.rates : []))
}

/** The text that the state of a rate is kept under. */
export function ruleOf({ of, tool, count, perMs, burst }: RateTerms): string {
  return JSON.stringify([of, tool, count, perMs, burst])
}

function rateOf(rule: string): RateTerms {
  const [of, tool, count, perMs, burst] = JSON.parse(rule)
  return { of, tool, count, perMs, burst }
}

function formerOf({ rule, ...state }: RateRow, at: number): Former {
  const rate = rateOf(rule)
  const now = Math.max(at, state.at)
  return { rate, state: { ...rescaled(rate, rate, state, now), since: state.since }, owed: owed(rate, state, now) }
}

/** The one of the same thing and, if there is one, of the same span of time, which may be one of several; of these the fullest. */
function predecessorOf({ of, tool, perMs }: RateTerms, former: readonly Former[]): Former | undefined {
  const ofSame = former.filter(({ rate }) => rate.of === of && rate.tool === tool)
  const ofSpan = ofSame.filter(({ rate }) => rate.perMs === perMs)
  return (ofSpan.length > 0 ? ofSpan : ofSame).toSorted((one, other) => other.owed - one.owed)[0]
}
