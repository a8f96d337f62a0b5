import { crashPoint } from '../../util/crash-point.ts'
import type { ApprovalDecided, DecideApproval } from '../decision-verbs.ts'
import { type ApprovalRow, isOver, toApproval } from './approval-rows.ts'
import { Approvals } from './approvals.ts'
import { APPROVAL_CODE, CERTAINTY_CODE, EFFECT_CODE } from './codes.ts'
import type { SqliteDatabase } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { EffectFinder } from './effect-finder.ts'
import { type EffectRow, toEffect } from './effect-rows.ts'

/** Takes the decisions of humans: the first one counts, unless somebody overrules it before anything executes. */
export class ApprovalDecisions {
  readonly #approvals: Approvals
  readonly #finder: EffectFinder
  readonly #dropped: DroppedBodies

  constructor(database: SqliteDatabase) {
    this.#approvals = new Approvals(database)
    this.#finder = new EffectFinder(database)
    this.#dropped = new DroppedBodies(database)
  }

  decideApproval(decide: DecideApproval): ApprovalDecided {
    const { effect: id, at } = decide
    const row = this.#approvals.of(id)
    if (row === undefined) return { kind: 'missing' }
    if (isOver(row, at)) {
      this.#approvals.expire(row, at)
      return { kind: 'lost', approval: this.#approvals.record(id) }
    }
    const effect = this.#finder.byId(id)
    if (!mayDecide(row, effect, decide)) return { kind: 'lost', approval: toApproval(row, toEffect(effect)) }
    if (decide.decision === 'approve') this.#approvals.approve(row, effect, decide)
    else this.#approvals.refuse(row, decide.decision === 'deny' ? 'denied' : 'canceled', decide)
    this.#dropped.dropLate(effect, at)
    crashPoint('in-decision-transaction')
    return { kind: 'decided', approval: this.#approvals.record(id) }
  }
}

/** A question is open to every decision; what was decided can be changed as long as nothing has come of it. */
function mayDecide(row: ApprovalRow, effect: EffectRow, { decision, overrule }: DecideApproval): boolean {
  if (row.status === APPROVAL_CODE.pending) return true
  const isUnclaimed = row.status === APPROVAL_CODE.approved && effect.status === EFFECT_CODE.ready
  if (decision === 'cancel') return isUnclaimed
  if (decision === 'deny') return overrule && isUnclaimed
  return overrule && row.status === APPROVAL_CODE.denied && isAsBefore(row, effect)
}

/** Nothing has become of the effect since the no: it is denied, or still in the doubt that it was in before. */
function isAsBefore({ prior }: ApprovalRow, { status, certainty }: EffectRow): boolean {
  if (prior === null) return status === EFFECT_CODE.denied
  return status === prior && certainty !== CERTAINTY_CODE.not_applied
}
