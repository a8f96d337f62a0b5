import type { UndoStep } from '../decision-verbs.ts'
import { EFFECT_CODE, UNDO_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { EffectNesting, type NestedEffect, outwards } from './effect-nesting.ts'
import { EFFECT_COLUMNS, effectLease, toEffect } from './effect-rows.ts'
import { TREE_EFFECTS, WITH_TREE } from './subtree-sql.ts'
import { inUndoOrder, type UndoRow } from './undo-order.ts'
import { IS_UNDOABLE } from './undoable.ts'

/** Reads what is left to undo in a run and everything below it. Reads each effect of those runs once. */
export class CompensationSteps {
  readonly #context: VerbContext
  readonly #nesting: EffectNesting
  readonly #undoable: SqliteStatement<UndoRow>

  constructor(context: VerbContext) {
    this.#context = context
    this.#nesting = new EffectNesting(context.database)
    this.#undoable = context.database.prepare<UndoRow>(UNDOABLE)
  }

  readUndo(runSeq: number): readonly UndoStep[] {
    const rows = this.#undoable.all(runSeq)
    const covers = new Set(rows.filter(mayCover).map(({ id }) => id))
    const nesting = covers.size === 0 ? NONE : this.#nesting.of(runSeq)
    return inUndoOrder(rows).map((row) => {
      const self = nesting.get(row.id)
      const cover = self && outwards(self, nesting).find(({ id }) => covers.has(id))
      const { leases } = this.#context
      const lease = HELD.includes(row.status) ? effectLease(row, leases) : null
      const isLeftForever = lease !== null && row.lease_ms === null && leases.isOwnerDead(row.owner ?? 0)
      return { effect: toEffect(row), lease, isLeftForever, coveredBy: cover?.id ?? null }
    })
  }
}

const NONE: ReadonlyMap<number, NestedEffect> = new Map()
const HELD: readonly number[] = [EFFECT_CODE.processing, EFFECT_CODE.compensating]
const COVERING: readonly number[] = [
  EFFECT_CODE.succeeded,
  EFFECT_CODE.unknown,
  EFFECT_CODE.compensating,
  EFFECT_CODE.compensation_failed,
]

/** Whether its compensation is still to come, and undoes what happened inside its body. */
function mayCover({ undo, status }: UndoRow): boolean {
  return undo === UNDO_CODE.inner && COVERING.includes(status)
}

const UNDOABLE = `${WITH_TREE} SELECT ${EFFECT_COLUMNS}, r.root_seq FROM ${TREE_EFFECTS} AND ${IS_UNDOABLE}
  CROSS JOIN run r ON r.seq = f.run_seq`
