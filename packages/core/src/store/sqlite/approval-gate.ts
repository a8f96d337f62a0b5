import { crashPoint } from '../../util/crash-point.ts'
import type { ApprovalTerms } from '../decision-verbs.ts'
import type { AwaitsDecision, ClaimEffect } from '../effect-verbs.ts'
import { type ApprovalRow, hasEdits, isAbout, isOver, isYesNow } from './approval-rows.ts'
import { Approvals } from './approvals.ts'
import { APPROVAL_CODE, EFFECT_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { EffectFinder } from './effect-finder.ts'
import type { EffectRow } from './effect-rows.ts'
import type { EditedArgs } from './effect-starts.ts'

/** Who wants an effect's body to run, and what a human must be asked before. */
export interface Caller {
  readonly runSeq: number
  readonly terms: ApprovalTerms | null | undefined
  readonly at: number
}

/** Stands before every way to execution: says whether a human has to decide first, and asks. */
export class ApprovalGate {
  readonly #finder: EffectFinder
  readonly #approvals: Approvals
  readonly #wait: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#finder = new EffectFinder(database)
    this.#approvals = new Approvals(database)
    this.#wait = database.prepare(WAIT)
  }

  /** The row as it is once a question that nobody answered in time is over, and a yes to an earlier attempt of the run. */
  withoutOverdue(row: EffectRow, { approval: terms, at }: ClaimEffect): EffectRow {
    if (!isAsked(row)) return row
    const approval = this.#approvals.need(row.id)
    if (row.status === EFFECT_CODE.ready)
      return terms == null || isYesNow(approval) ? row : this.#approvals.lapse(approval, at)
    if (!isOver(approval, at)) return row
    this.#approvals.expire(approval, at)
    return this.#finder.byId(row.id)
  }

  /**
   * Whether these are other arguments than those that a human was asked about. They are it too where one would be asked
   * now about a row that shows what an earlier attempt was executed with.
   */
  isOther(claim: ClaimEffect, row: EffectRow, argsDiffer: boolean): boolean {
    if (isAsked(row)) return !isAbout(this.#approvals.need(row.id), claim.approval?.argsHash ?? claim.argsHash)
    const mayRunAgain = row.status === EFFECT_CODE.unknown || row.status === EFFECT_CODE.failed
    if (!argsDiffer || !mayRunAgain) return false
    return claim.approval != null || this.#approvals.of(row.id)?.status === APPROVAL_CODE.approved
  }

  /** The same for a takeover, which brings no arguments but those of the terms. */
  isAboutOther(terms: ApprovalTerms | null | undefined, row: EffectRow): boolean {
    if (terms == null) return false
    const approval = this.#approvals.of(row.id)
    if (approval?.status === APPROVAL_CODE.approved) return !isAbout(approval, terms.argsHash)
    return row.args_hash !== null && !row.args_hash.equals(terms.argsHash)
  }

  /** What a human put in the place of the arguments of a generation. */
  editedArgs(row: EffectRow): EditedArgs | null {
    return editedIn(this.#approvals.of(row.id), row)
  }

  /**
   * Null if the generation, which nobody executes, may run again: a human approved it in this attempt of the run that
   * asked, or nobody has to. A no stays a no, whatever the policy says by now.
   */
  stop(row: EffectRow, { runSeq, terms, at }: Caller): AwaitsDecision | null {
    const approval = this.#approvals.of(row.id)
    if (approval?.status === APPROVAL_CODE.denied) return this.denied(row.id)
    if (terms == null || (approval !== undefined && isYesNow(approval))) return null
    this.#wait.run(row.id, row.epoch, row.status)
    return this.ask(row, row.status, { runSeq, terms, at })
  }

  /** Asks about a row that waits already. */
  ask(row: EffectRow, prior: number | null, { runSeq, terms, at }: Caller & { terms: ApprovalTerms }): AwaitsDecision {
    this.#approvals.ask(row, runSeq, terms, prior, at)
    crashPoint('in-request-transaction')
    return this.awaiting(row.id)
  }

  awaiting(effect: number): AwaitsDecision {
    return { kind: 'awaiting_approval', approval: this.#approvals.record(effect) }
  }

  denied(effect: number): AwaitsDecision {
    return { kind: 'denied', approval: this.#approvals.record(effect) }
  }

  /** The yes that the same perform executed the generation before with, where that had no effect. */
  carried(claim: ClaimEffect, before: EffectRow): Carried | null {
    if (claim.approvedAs !== before.id || before.status !== EFFECT_CODE.failed) return null
    const approval = this.#approvals.of(before.id)
    if (approval === undefined || !isYesNow(approval)) return null
    if (!isAbout(approval, claim.approval?.argsHash ?? claim.argsHash)) return null
    return { approval, edited: editedIn(approval, before) }
  }

  carry({ approval }: Carried, effect: number, runSeq: number): void {
    this.#approvals.carry(approval, effect, runSeq)
  }
}

interface Carried {
  readonly approval: ApprovalRow
  readonly edited: EditedArgs | null
}

// What it came to stays in the row: without a yes it is that again.
const WAIT = `UPDATE effect SET status = ${EFFECT_CODE.requires_approval} WHERE id = ? AND epoch = ? AND status = ?`

/** It waits for a human, or has a yes that nothing has claimed. */
export function isAsked({ status }: EffectRow): boolean {
  return status === EFFECT_CODE.requires_approval || status === EFFECT_CODE.ready
}

function editedIn(approval: ApprovalRow | undefined, row: EffectRow): EditedArgs | null {
  return approval !== undefined && hasEdits(approval) ? row : null
}
