import { crashPoint } from '../../util/crash-point.ts'
import type { CallCorrected, CallReserved, CallSettled, CorrectCall, ReserveCall, SettleCall } from '../call-verbs.ts'
import type { HoldSettled } from '../limit-records.ts'
import { CALL_CODE, RECORD_LEVEL_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'
import type { Change } from './hold-settling.ts'
import { type Held, Holds } from './holds.ts'
import { LaneOrdinals } from './lane-ordinals.ts'
import { ownerOf, packId } from './numbering.ts'

interface SettledRow {
  model: string
  record_level: number
  hold: number | null
}

/** Model requests: a row before each is sent, and what came of it. */
export class Calls {
  readonly #fence: Fence
  readonly #entries: Entries
  readonly #dropped: DroppedBodies
  readonly #ordinals: LaneOrdinals
  readonly #holds: Holds
  readonly #insert: SqliteStatement
  readonly #settle: SqliteStatement<SettledRow>
  readonly #holdOf: SqliteStatement<{ hold: number | null }>
  readonly #use: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#fence = new Fence(database)
    this.#entries = new Entries(database)
    this.#dropped = new DroppedBodies(database)
    this.#ordinals = new LaneOrdinals(context)
    this.#holds = new Holds(context)
    this.#insert = database.prepare(INSERT)
    this.#settle = database.prepare(SETTLE)
    this.#holdOf = database.prepare('SELECT hold FROM call WHERE id = ?')
    this.#use = database.prepare('UPDATE call SET usage = coalesce(?, usage) WHERE id = ?')
  }

  reserve(reserve: ReserveCall): CallReserved {
    const { run, model, at } = reserve
    const refused = this.#fence.mayStart(run, reserve.hold?.final)
    if (refused !== null) return refused
    const { hold: terms = null } = reserve
    const held = terms === null ? null : this.#holds.hold({ run, label: model, hold: terms, at })
    if (held !== null && held.kind !== 'held') return held
    return this.#write(reserve, held)
  }

  #write(reserve: ReserveCall, held: Held | null): CallReserved {
    const { run, lane, provider, model, at } = reserve
    const granted = held?.granted ?? null
    const { number, ordinal } = this.#ordinals.next(run.seq, lane)
    const id = packId(run.seq, number)
    const entries = this.#entries.count(run.seq)
    this.#insert.run(
      id,
      lane,
      ordinal,
      provider,
      model,
      reserve.effect,
      reserve.exactHash,
      reserve.maskedHash,
      reserve.restHash,
      entries,
      at,
      granted?.hold ?? null,
      RECORD_LEVEL_CODE[reserve.recordLevel ?? 'full'],
      reserve.request,
    )
    if (reserve.recordLevel === 'hash') this.#dropped.mark(run.seq)
    const body = entryBody({ call: number, provider, model, ...(granted === null ? {} : { nano: granted.nano }) })
    this.#entries.write(run.seq, entries + 1, { kind: 'call-reserved', effect: reserve.effect, at, body })
    if (held !== null) this.#holds.tell(held, at)
    crashPoint('in-reserve-transaction')
    return { kind: 'held', id, ordinal, granted }
  }

  settle(settle: SettleCall): CallSettled {
    const { id, outcome, usage, externalId, at } = settle
    const response = outcome.kind === 'succeeded' ? outcome.response : null
    const error = outcome.kind === 'succeeded' ? null : outcome.error
    const seq = ownerOf(id)
    const number = this.#entries.count(seq) + 1
    const settled = this.#settle.get(CALL_CODE[outcome.kind], at, number, externalId, usage, response, error, id)
    if (settled === undefined) return { kind: 'already-settled', hold: this.#correct(settle) }
    const change = settled.hold === null ? null : this.#settleHold(settle, settled.hold)
    const cost = change === null ? {} : costOf(change.settled)
    const body = entryBody({ call: id - packId(seq, 0), model: settled.model, ...cost })
    const kind = outcome.kind === 'succeeded' ? 'call-settled' : 'call-failed'
    this.#entries.appendAnywhere(seq, { kind, at, body })
    if (change !== null) this.#holds.tellSettled(change)
    this.#dropped.dropLate({ run_seq: seq, record_level: settled.record_level }, at)
    crashPoint('in-settle-transaction')
    return { kind: 'settled', hold: settled.hold === null ? null : holdSettled(change) }
  }

  correct({ id, cost, usage, at }: CorrectCall): CallCorrected {
    const hold = this.#holdOf.get(id)?.hold ?? null
    const change = hold === null ? null : this.#holds.correctHold({ hold, cost, usage: null, at })
    if (change === null) return { kind: 'already-corrected' }
    this.#use.run(usage, id)
    const { row, settled, limited } = change
    return { kind: 'corrected', beforeNano: row.settled_nano ?? row.nano, limited, hold: settled }
  }

  /** What it cost may be known later than what came of it. */
  #correct({ id, cost = null, usage, at }: SettleCall): HoldSettled | null {
    const hold = this.#holdOf.get(id)?.hold ?? null
    return hold === null || cost === null ? null : this.#holds.settleHold({ hold, cost, usage, at })
  }

  /** A hold that nobody says the cost of is charged: it may be corrected, and is not forgotten. */
  #settleHold({ cost, at }: SettleCall, hold: number): Change | null {
    return this.#holds.settle({ hold, cost: cost ?? { kind: 'charged' }, usage: null, at })
  }
}

const INSERT = `INSERT INTO call (id, status, lane, ordinal, provider, model, effect, exact_hash, masked_hash, rest_hash, at, started_at,
  hold, record_level, request)
VALUES (?, ${CALL_CODE.open}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// One that a takeover gave up keeps that status: what came of it is recorded, and never served.
const SETTLE = `UPDATE call SET status = CASE status WHEN ${CALL_CODE.open} THEN ? ELSE status END, ended_at = ?, end_entry = ?, external_id = coalesce(?, external_id), usage = ?, response = ?, error = ?
  WHERE id = ? AND (status = ${CALL_CODE.open} OR (status = ${CALL_CODE.lost} AND end_entry IS NULL)) RETURNING model, record_level, hold`

function holdSettled(change: Change | null): HoldSettled {
  return change?.settled ?? { kind: 'already_settled' }
}

/** What an entry says of it; an overrun is flagged. */
function costOf({ nano, overrunNano }: Change['settled']): { readonly nano: number; readonly overrunNano?: number } {
  return overrunNano === 0 ? { nano } : { nano, overrunNano }
}
