import { CERTAINTY_CODE, EFFECT_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { EffectExpiry } from './effect-expiry.ts'
import { EFFECT_COLUMNS, type EffectRow, effectLease } from './effect-rows.ts'
import { PARAMETER } from './sql.ts'
import { TREE_EFFECTS, WITH_TREE } from './subtree-sql.ts'

/** Whether an effect `f` is in flight, or in doubt, which a question whether it may run again hides. */
export const IS_UNSETTLED: string = `(f.status IN (${EFFECT_CODE.processing}, ${EFFECT_CODE.unknown})
  OR (f.status IN (${EFFECT_CODE.requires_approval}, ${EFFECT_CODE.ready}) AND f.certainty = ${CERTAINTY_CODE.in_doubt}))`

/** How many effects were made unknown, and the runs that have some that are not settled. */
export interface SettledLeftovers {
  readonly expired: number
  readonly unsettled: ReadonlySet<number>
}

/** What is in flight for somebody who is gone is unknown as soon as a run is ended, undone or swept. */
export class RunLeftovers {
  readonly #context: VerbContext
  readonly #expiry: EffectExpiry
  readonly #ofRun: SqliteStatement<EffectRow>
  readonly #ofTree: SqliteStatement<EffectRow>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#expiry = new EffectExpiry(database)
    this.#ofRun = database.prepare<EffectRow>(OF_RUN)
    this.#ofTree = database.prepare<EffectRow>(OF_TREE)
  }

  settleRun(seq: number, at: number): SettledLeftovers {
    return this.#settle(this.#ofRun.all(seq), at)
  }

  /** Of a run and everything below it. */
  settleTree(seq: number, at: number): SettledLeftovers {
    return this.#settle(this.#ofTree.all(seq), at)
  }

  #settle(effects: readonly EffectRow[], at: number): SettledLeftovers {
    const processing = effects.filter(({ status }) => status === EFFECT_CODE.processing)
    const left = processing.filter((effect) => effectLease(effect, this.#context.leases).expired)
    for (const effect of left) this.#expiry.expire(effect, at)
    return { expired: left.length, unsettled: new Set(effects.map((effect) => effect.run_seq)) }
  }
}

const UNSETTLED = `SELECT ${EFFECT_COLUMNS} FROM ${TREE_EFFECTS} AND ${IS_UNSETTLED}
  CROSS JOIN run r ON r.seq = f.run_seq ORDER BY f.id`
const OF_RUN = `WITH tree (seq) AS (SELECT ${PARAMETER}) ${UNSETTLED}`
const OF_TREE = `${WITH_TREE} ${UNSETTLED}`
