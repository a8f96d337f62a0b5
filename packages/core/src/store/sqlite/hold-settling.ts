import { type HoldCost, type HoldSettled, MOST_OF_A_HOLD } from '../limit-records.ts'
import type { SettleHold } from '../money-verbs.ts'
import { HOLD_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { Entries, entryBody } from './entries.ts'
import { useOf } from './hold-admission.ts'
import { Rates } from './rates.ts'
import type { Amount, Movement } from './scope-periods.ts'
import { type Reached, Thresholds } from './thresholds.ts'

export interface HoldRow {
  id: number
  run_seq: number
  status: number
  counted: number
  estimated: number
  nano: number
  tokens: number
  settled_nano: number | null
  settled_tokens: number | null
  created_at: number
  ended_at: number | null
  scopes: string
  label: string
}

/** A hold that was settled now, and is to be told of. */
export interface Change {
  readonly row: HoldRow
  readonly kind: HoldCost['kind']
  readonly at: number
  readonly settled: Extract<HoldSettled, { kind: 'settled' }>
  readonly reached: readonly Reached[]
}

/** What a hold is from now on. */
interface Outcome extends Amount {
  readonly status: number
  readonly counted: number
}

/**
 * Moves a hold out of the open state, in all of its scopes, and corrects what was not known then: one that was charged
 * is settled or released, one that was released has cost something after all.
 */
export class HoldSettling {
  readonly #context: VerbContext
  readonly #entries: Entries
  readonly #rates: Rates
  readonly #thresholds: Thresholds
  readonly #read: SqliteStatement<HoldRow>
  readonly #end: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#entries = new Entries(database)
    this.#rates = new Rates(database)
    this.#thresholds = new Thresholds(context)
    this.#read = database.prepare(READ)
    this.#end = database.prepare(END)
  }

  /** Null if it had its settlement already. The caller tells of it, and then calls `tell`. */
  settle(settle: SettleHold): Change | null {
    const row = this.#rowOf(settle.hold)
    return MAY_BECOME[settle.cost.kind].includes(row.status) ? this.#become(row, settle) : null
  }

  /** The same, but that a cost which was estimated gives way to one which is not. */
  correct(settle: SettleHold): Change | null {
    const row = this.#rowOf(settle.hold)
    const isBetter = row.estimated === 1 && settle.cost.kind === 'spent' && !settle.cost.estimated
    return isBetter && row.status === settled ? this.#become(row, settle) : this.settle(settle)
  }

  /** Whether a hard limit on one of its scopes counts what it costs, in money or tokens. */
  isLimited({ scopes }: HoldRow): boolean {
    const current = this.#context.limits.current()
    const terms = (JSON.parse(scopes) as readonly number[]).flatMap((seq) => current.of(seq).terms)
    return terms.some(({ mode, budgetNano, tokens }) => mode === 'hard' && (budgetNano !== null || tokens !== null))
  }

  #rowOf(hold: number): HoldRow {
    const row = this.#read.get(hold)
    if (row === undefined) throw new RangeError(`The ledger has no hold ${hold}`)
    return row
  }

  #become(row: HoldRow, { cost, usage, at }: SettleHold): Change {
    const outcome = outcomeOf(row, cost)
    const spent = cost.kind === 'spent' ? asCounted(cost, outcome) : NOT_SPENT
    const details = [spent.exactUsd, spent.priceVersion, spent.estimated ? 1 : 0, usage]
    this.#end.run(outcome.status, outcome.counted, outcome.nano, outcome.tokens, at, ...details, row.id, row.status)
    const reached = this.#move(row, outcome, at)
    const settled = {
      kind: 'settled' as const,
      nano: outcome.nano,
      tokens: outcome.tokens,
      corrected: row.status !== open,
      overrunNano: Math.max(0, outcome.nano - row.nano),
      overrunTokens: Math.max(0, outcome.tokens - row.tokens),
      reached: reached.map((each) => each.reached),
    }
    return { row, kind: cost.kind, at, settled, reached }
  }

  /** Writes the entries that follow the one about the settlement. */
  tell({ row, at, settled, reached }: Change): void {
    if (settled.corrected) {
      const { nano, tokens } = settled
      const before = { nano: row.settled_nano, tokens: row.settled_tokens }
      const body = entryBody({ hold: row.id, nano, tokens, before })
      this.#entries.appendAnywhere(row.run_seq, { kind: 'hold-corrected', at, body })
    }
    this.#thresholds.tell(reached, at)
  }

  #move(row: HoldRow, outcome: Outcome, at: number): readonly Reached[] {
    const { periods, limits } = this.#context
    const movement = movementOf(row, outcome, at)
    const current = limits.current()
    const scopes = (JSON.parse(row.scopes) as readonly number[]).map((seq) => current.of(seq))
    const use = {
      before: useOf(row.settled_tokens ?? row.tokens, row.counted),
      after: useOf(outcome.tokens, outcome.counted),
      since: row.created_at,
    }
    for (const scope of scopes) {
      periods.settle(scope, movement)
      this.#rates.correct(scope, use, at)
    }
    return scopes.flatMap((scope) => this.#thresholds.notice(scope, ['budget', 'tokens'], row.created_at, at))
  }
}

const { open, settled, released, charged } = HOLD_CODE

/** Which statuses give way to what. A settlement by what was used is the last word. */
const MAY_BECOME: Readonly<Record<HoldCost['kind'], readonly number[]>> = {
  spent: [open, charged, released],
  released: [open, charged],
  charged: [open],
}

const NOT_SPENT = { exactUsd: null, priceVersion: null, estimated: false } as const

const READ = `SELECT id, run_seq, status, counted, estimated, nano, tokens, settled_nano, settled_tokens, created_at, ended_at, scopes, label
  FROM hold WHERE id = ?`

const END = `UPDATE hold SET status = ?, counted = ?, settled_nano = ?, settled_tokens = ?, ended_at = ?, exact_usd = ?,
  price_version = coalesce(?, price_version), estimated = ?, usage = coalesce(?, usage) WHERE id = ? AND status = ?`

function outcomeOf(row: HoldRow, cost: HoldCost): Outcome {
  if (cost.kind === 'spent') {
    const nano = countable(cost.nano, row.nano, MOST_OF_A_HOLD.nano)
    return { status: settled, counted: 1, nano, tokens: countable(cost.tokens, row.tokens, MOST_OF_A_HOLD.tokens) }
  }
  if (cost.kind === 'charged') return { status: charged, counted: 1, nano: row.nano, tokens: row.tokens }
  return { status: released, counted: cost.sent ? 1 : 0, nano: 0, tokens: 0 }
}

/** What is no amount is as unknown as what nobody said: all that was held. A settlement records what happened, and is never lost. */
function countable(amount: number, held: number, most: number): number {
  return amount >= 0 ? Math.min(Math.ceil(amount), Math.max(most, held)) : held
}

type Spent = Extract<HoldCost, { kind: 'spent' }>

/** An amount that was changed so that it can be counted is not the exact one. */
function asCounted(cost: Spent, { nano, tokens }: Amount): Pick<Spent, 'exactUsd' | 'priceVersion' | 'estimated'> {
  return nano === cost.nano && tokens === cost.tokens ? cost : { ...cost, exactUsd: null, estimated: true }
}

const NOTHING: Amount = Object.freeze({ nano: 0, tokens: 0 })

function movementOf(row: HoldRow, outcome: Outcome, at: number): Movement {
  const isOpen = row.status === open
  return {
    admittedAt: row.created_at,
    held: isOpen ? { nano: row.nano, tokens: row.tokens } : NOTHING,
    spent: { nano: outcome.nano, tokens: outcome.tokens },
    before: isOpen ? null : { nano: row.settled_nano ?? 0, tokens: row.settled_tokens ?? 0, at: row.ended_at ?? at },
    calls: (outcome.counted - row.counted) as Movement['calls'],
    at,
  }
}
