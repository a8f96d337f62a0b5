import { crashPoint } from '../../util/crash-point.ts'
import type { ApprovalRequested, RequestApproval } from '../decision-verbs.ts'
import { Approvals } from './approvals.ts'
import { EFFECT_CODE, RUN_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { EffectFinder } from './effect-finder.ts'
import { type EffectRow, effectLease, toEffect } from './effect-rows.ts'
import { isOpen } from './fence.ts'

/** Asks a human about an effect that its caller claimed by hand, or asks once more. */
export class ApprovalRequests {
  readonly #context: VerbContext
  readonly #approvals: Approvals
  readonly #finder: EffectFinder
  readonly #run: SqliteStatement<{ status: number }>
  readonly #wait: SqliteStatement
  readonly #place: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#run = database.prepare('SELECT status FROM run WHERE seq = ?')
    this.#approvals = new Approvals(database)
    this.#finder = new EffectFinder(database)
    this.#wait = database.prepare(WAIT)
    this.#place = database.prepare('UPDATE effect SET claim_entry = ? WHERE id = ?')
  }

  requestApproval(request: RequestApproval): ApprovalRequested {
    const { effect: id, at } = request
    const row = this.#finder.byId(id)
    if (!this.#mayAsk(row, request)) return { kind: 'lost', effect: toEffect(row) }
    this.#wait.run(id, row.epoch, row.status)
    const number = this.#approvals.ask(row, row.run_seq, request, null, at)
    // Nothing was executed: it is in its lane's history again once somebody claims it.
    this.#place.run(number, id)
    crashPoint('in-request-transaction')
    return { kind: 'requested', approval: this.#approvals.record(id) }
  }

  #mayAsk(row: EffectRow, { argsHash }: RequestApproval): boolean {
    // The human sees the row's arguments: the answer must be about those.
    if (row.args_hash !== null && !row.args_hash.equals(argsHash)) return false
    const run = this.#run.get(row.run_seq)?.status ?? RUN_CODE.canceled
    if (row.status === EFFECT_CODE.processing) return isOpen(run) && this.#isHeldByHand(row)
    if (!isOpen(run) && run !== RUN_CODE.waiting) return false
    return row.status === EFFECT_CODE.denied || (row.status === EFFECT_CODE.canceled && this.#isNewest(row))
  }

  /** Its caller has it in hand and has not begun: an attempt that ended, or an owner who is gone, may have. */
  #isHeldByHand(row: EffectRow): boolean {
    const { leases } = this.#context
    if (row.by_hand === 0 || row.attempt !== 1) return false
    return !effectLease(row, leases).expired && !leases.isOwnerDead(row.owner ?? 0)
  }

  #isNewest({ id, owner_seq: ownerSeq, key }: EffectRow): boolean {
    return this.#finder.newest(ownerSeq, [key])?.id === id
  }
}

// The epoch fences whoever holds it. The arguments are again those that were asked for at first.
const WAIT = `UPDATE effect SET status = ${EFFECT_CODE.requires_approval}, epoch = epoch + 1, attempt = 0, owner = NULL,
  leased_at = NULL, lease_ms = NULL, waiting_for = NULL, ended_at = NULL,
  args = coalesce(a.original, args), args_digest = iif(a.original IS NULL, args_digest, a.original_digest)
  FROM (SELECT ? AS id) one LEFT JOIN approval a ON a.effect = one.id
  WHERE effect.id = one.id AND effect.epoch = ? AND effect.status = ?`
