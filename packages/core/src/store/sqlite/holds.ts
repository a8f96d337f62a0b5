import { crashPoint } from '../../util/crash-point.ts'
import {
  type Granted,
  HOLD_LEASE_MS,
  type HoldSettled,
  type HoldTerms,
  type Limited,
  type NotBounded,
} from '../limit-records.ts'
import type { HoldOpened, OpenHold, SettleHold } from '../money-verbs.ts'
import type { Refused, RunRef } from '../records.ts'
import { HOLD_CODE } from './codes.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'
import { type Admitted, HoldAdmission, useOf } from './hold-admission.ts'
import { type Change, HoldSettling } from './hold-settling.ts'
import { HoldSweep } from './hold-sweep.ts'
import { Rates } from './rates.ts'
import { type Reached, Thresholds } from './thresholds.ts'

/** What is put aside, and for which model. */
export interface NewHold {
  readonly run: RunRef
  readonly label: string
  readonly hold: HoldTerms
  readonly at: number
}

/** `told` goes to `tell` once the caller has written its own entry. */
export type Held = { readonly kind: 'held'; readonly granted: Granted; readonly told: readonly Reached[] }

/** Money and tokens that are put aside, in all scopes of a run or in none, and what they come to. */
export class Holds {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #entries: Entries
  readonly #admission: HoldAdmission
  readonly #settling: HoldSettling
  readonly #sweep: HoldSweep
  readonly #rates: Rates
  readonly #thresholds: Thresholds
  readonly #insert: SqliteStatement
  readonly #leg: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#entries = new Entries(database)
    this.#admission = new HoldAdmission(context)
    this.#settling = new HoldSettling(context)
    this.#sweep = new HoldSweep(context)
    this.#rates = new Rates(database)
    this.#thresholds = new Thresholds(context)
    this.#insert = database.prepare(INSERT)
    this.#leg = database.prepare('INSERT INTO hold_leg (scope_seq, at, hold) VALUES (?, ?, ?)')
  }

  openHold(open: OpenHold): HoldOpened {
    const held = open.afterwards === true ? this.#afterwards(open) : this.#tryHold(open)
    if (held.kind !== 'held') return held
    const { hold, nano, tokens } = held.granted
    const body = entryBody({ hold, label: open.label, nano, tokens })
    this.#entries.appendAnywhere(open.run.seq, { kind: 'hold-opened', at: open.at, body })
    this.tell(held, open.at)
    crashPoint('in-hold-transaction')
    return { kind: 'held', ...held.granted }
  }

  settleHold(settle: SettleHold): HoldSettled {
    const change = this.settle(settle)
    if (change === null) return { kind: 'already_settled' }
    this.#tellWhole(change)
    return change.settled
  }

  /** A settlement that also takes the place of one that was estimated. Null: it is not needed. */
  correctHold(settle: SettleHold): (Change & { readonly limited: boolean }) | null {
    const change = this.#settling.correct(settle)
    if (change === null) return null
    this.#tellWhole(change)
    return { ...change, limited: this.#settling.isLimited(change.row) }
  }

  expireHolds(at: number): { readonly charged: number } {
    return { charged: this.#sweep.sweep(at) }
  }

  /** For a run that may start something. The caller writes its own entry, and then calls `tell`. */
  hold(asked: NewHold): Held | Limited | NotBounded {
    const { run, hold, at } = asked
    const answer = this.#admission.decide(run, hold, at)
    // One that is charged stays in the sum: a sweep makes no room, and only what waiting is for can change.
    const decided =
      dependsOnHolds(answer) && this.#sweep.sweepIfDue(at) > 0 ? this.#admission.decide(run, hold, at) : answer
    return decided.kind === 'admitted' ? this.#write(asked, decided) : decided
  }

  tell({ told }: Held, at: number): void {
    this.#thresholds.tell(told, at)
  }

  settle(settle: SettleHold): Change | null {
    return this.#settling.settle(settle)
  }

  tellSettled(change: Change): void {
    this.#settling.tell(change)
  }

  #tryHold(asked: NewHold): Held | Limited | NotBounded | Refused {
    return this.#fence.mayStart(asked.run, asked.hold.final) ?? this.hold(asked)
  }

  #afterwards(asked: NewHold): Held {
    return this.#write(asked, this.#admission.afterwards(asked.run, asked.hold), true)
  }

  #write({ run, label, hold: terms, at }: NewHold, admitted: Admitted, isAfterwards = false): Held {
    const { scopes, nano, tokens, outputTokens, isLimited: limited } = admitted
    const { connection, clock, periods } = this.#context
    const { bounded, priceVersion } = terms
    const inserted = this.#insert.run(
      run.seq,
      connection.owner.id,
      monotonicMs(clock),
      run.seq,
      bounded ? 1 : 0,
      nano,
      tokens,
      at,
      JSON.stringify(scopes.map(({ seq }) => seq)),
      label,
      priceVersion,
    )
    const hold = Number(inserted.lastInsertRowid)
    for (const scope of scopes) {
      this.#leg.run(scope.seq, at, hold)
      periods.hold(scope, { nano, tokens }, at)
      if (isAfterwards) this.#rates.takeAfterwards(scope, useOf(tokens), at)
      else this.#rates.take(scope, useOf(tokens), at)
    }
    const told = scopes.flatMap((scope) => this.#thresholds.notice(scope, ['calls'], at, at))
    return { kind: 'held', granted: { hold, nano, tokens, outputTokens, limited }, told }
  }

  #tellWhole(change: Change): void {
    if (!change.settled.corrected) this.#tellEnd(change)
    this.#settling.tell(change)
    crashPoint('in-hold-settle-transaction')
  }

  #tellEnd({ row, kind, settled, at }: Change): void {
    const { nano, tokens, overrunNano } = settled
    const overrun = overrunNano === 0 ? {} : { overrunNano }
    const body = entryBody({ hold: row.id, label: row.label, nano, tokens, ...overrun })
    this.#entries.appendAnywhere(row.run_seq, { kind: END_ENTRY[kind], at, body })
  }
}

const END_ENTRY = { spent: 'hold-settled', released: 'hold-released', charged: 'hold-charged' } as const

const INSERT = `INSERT INTO hold (run_seq, status, owner, leased_at, lease_ms, bounded, nano, tokens, created_at, scopes, label,
  price_version)
VALUES (?, ${HOLD_CODE.open}, ?, ?, coalesce((SELECT lease_ms FROM run WHERE seq = ?), ${HOLD_LEASE_MS}), ?, ?, ?, ?, ?, ?, ?)`

function dependsOnHolds(answer: Admitted | Limited | NotBounded): boolean {
  return answer.kind === 'limited' && answer.held > 0
}
