import { NotSupportedError } from '../../errors/not-supported-error.ts'
import { crashPoint } from '../../util/crash-point.ts'
import type { CallReserved, ReserveCall, SettleCall } from '../call-verbs.ts'
import { CALL_CODE, RECORD_LEVEL_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'
import { LaneOrdinals } from './lane-ordinals.ts'
import { ownerOf, packId } from './numbering.ts'

/** Model requests: a row before each is sent, and what came of it. */
export class Calls {
  readonly #fence: Fence
  readonly #entries: Entries
  readonly #dropped: DroppedBodies
  readonly #ordinals: LaneOrdinals
  readonly #insert: SqliteStatement
  readonly #settle: SqliteStatement<{ model: string; record_level: number }>

  constructor(context: VerbContext) {
    const { database } = context
    this.#fence = new Fence(database)
    this.#entries = new Entries(database)
    this.#dropped = new DroppedBodies(database)
    this.#ordinals = new LaneOrdinals(context)
    this.#insert = database.prepare(INSERT)
    this.#settle = database.prepare(SETTLE)
  }

  reserve(reserve: ReserveCall): CallReserved {
    if (reserve.holds.length > 0) throw new NotSupportedError('A hold of money or rate')
    const { run, lane, provider, model, at } = reserve
    const refused = this.#fence.mayStart(run)
    if (refused !== null) return refused
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
      RECORD_LEVEL_CODE[reserve.recordLevel ?? 'full'],
      reserve.request,
    )
    if (reserve.recordLevel === 'hash') this.#dropped.mark(run.seq)
    const body = entryBody({ call: number, provider, model })
    this.#entries.write(run.seq, entries + 1, { kind: 'call-reserved', effect: reserve.effect, at, body })
    crashPoint('in-reserve-transaction')
    return { kind: 'held', id, ordinal }
  }

  settle({ id, outcome, usage, externalId, at }: SettleCall): { kind: 'settled' } | { kind: 'already-settled' } {
    const response = outcome.kind === 'succeeded' ? outcome.response : null
    const error = outcome.kind === 'succeeded' ? null : outcome.error
    const seq = ownerOf(id)
    const number = this.#entries.count(seq) + 1
    const settled = this.#settle.get(CALL_CODE[outcome.kind], at, number, externalId, usage, response, error, id)
    if (settled === undefined) return { kind: 'already-settled' }
    const body = entryBody({ call: id - packId(seq, 0), model: settled.model })
    const kind = outcome.kind === 'succeeded' ? 'call-settled' : 'call-failed'
    this.#entries.appendAnywhere(seq, { kind, at, body })
    this.#dropped.dropLate({ run_seq: seq, record_level: settled.record_level }, at)
    crashPoint('in-settle-transaction')
    return { kind: 'settled' }
  }
}

const INSERT = `INSERT INTO call (id, status, lane, ordinal, provider, model, effect, exact_hash, masked_hash, rest_hash, at, started_at,
  record_level, request)
VALUES (?, ${CALL_CODE.open}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// One that a takeover gave up keeps that status: what came of it is recorded, and never served.
const SETTLE = `UPDATE call SET status = CASE status WHEN ${CALL_CODE.open} THEN ? ELSE status END, ended_at = ?, end_entry = ?, external_id = coalesce(?, external_id), usage = ?, response = ?, error = ?
  WHERE id = ? AND (status = ${CALL_CODE.open} OR (status = ${CALL_CODE.lost} AND end_entry IS NULL)) RETURNING model, record_level`
