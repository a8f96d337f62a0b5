import { CERTAINTY_CODE, EFFECT_CODE, UNDO_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { TREE_EFFECTS, WITH_TREE } from './subtree-sql.ts'

const STATUSES = [
  EFFECT_CODE.processing,
  EFFECT_CODE.unknown,
  EFFECT_CODE.succeeded,
  EFFECT_CODE.compensating,
  EFFECT_CODE.compensation_failed,
].join(', ')

/**
 * Whether an effect `f` may have to be undone: its tool compensates, and it happened, may have happened, or failed in
 * a way that only its reconcile hook can tell from having happened.
 */
export const IS_UNDOABLE: string = `f.undo <> ${UNDO_CODE.none} AND (f.status IN (${STATUSES})
  OR (f.status = ${EFFECT_CODE.failed} AND f.certainty = ${CERTAINTY_CODE.assumed}))`

// A request for an approval hides what the effect was before, and will be again once it is canceled.
const IS_HIDDEN = `f.undo <> ${UNDO_CODE.none} AND f.attempt > 0
  AND f.status IN (${EFFECT_CODE.requires_approval}, ${EFFECT_CODE.ready})`

/** Whether a run and what is below it have anything to undo. */
export class Undoable {
  readonly #any: SqliteStatement
  readonly #left: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#any = database.prepare(
      `${WITH_TREE} SELECT 1 FROM ${TREE_EFFECTS} AND ((${IS_UNDOABLE}) OR (${IS_HIDDEN})) LIMIT 1`,
    )
    this.#left = database.prepare(
      `${WITH_TREE} SELECT 1 FROM ${TREE_EFFECTS} AND ((${IS_UNDOABLE} AND ${IS_CERTAIN}) OR (${IS_HIDDEN} AND ${IS_DOUBTFUL})) LIMIT 1`,
    )
  }

  /** Whether a compensation would have anything to look at. */
  isAny(runSeq: number): boolean {
    return this.#any.get(runSeq) !== undefined
  }

  /**
   * Whether a compensation that is over left something. Of a failure that is assumed to have had no effect only its
   * hook could have said otherwise. One that another covers stands and falls with that one, which counts itself. A
   * doubt counts also behind a question, which another run that shares the key may have asked.
   */
  isLeft(runSeq: number): boolean {
    return this.#left.get(runSeq) !== undefined
  }
}

const IS_CERTAIN = `f.status <> ${EFFECT_CODE.failed}`
const IS_DOUBTFUL = `f.certainty = ${CERTAINTY_CODE.in_doubt}`
