import { EFFECT_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { EffectExpiry } from './effect-expiry.ts'
import { EFFECT_COLUMNS, type EffectRow, effectLease } from './effect-rows.ts'
import { PARAMETER } from './sql.ts'
import { TREE_EFFECTS, WITH_TREE } from './subtree-sql.ts'

/** What was found: effects made unknown, and the runs that still have some in flight for a live owner. */
export interface SettledLeftovers {
  readonly expired: number
  readonly inFlight: ReadonlySet<number>
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
    const left = effects.filter((effect) => effectLease(effect, this.#context.leases).expired)
    for (const effect of left) this.#expiry.expire(effect, at)
    const inFlight = new Set(effects.filter((effect) => !left.includes(effect)).map((effect) => effect.run_seq))
    return { expired: left.length, inFlight }
  }
}

const PROCESSING = `SELECT ${EFFECT_COLUMNS} FROM ${TREE_EFFECTS} AND f.status = ${EFFECT_CODE.processing}
  CROSS JOIN run r ON r.seq = f.run_seq ORDER BY f.id`
const OF_RUN = `WITH tree (seq) AS (SELECT ${PARAMETER}) ${PROCESSING}`
const OF_TREE = `${WITH_TREE} ${PROCESSING}`
