import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { TREE_EFFECTS, WITH_TREE } from './subtree-sql.ts'

/** An effect, and the one in whose body it was claimed, or its run was opened. */
export interface NestedEffect {
  readonly id: number
  readonly run_seq: number
  readonly outer_effect: number | null
}

/** Which effect of a run, or of one below it, happened inside which. */
export class EffectNesting {
  readonly #all: SqliteStatement<NestedEffect>

  constructor(database: SqliteDatabase) {
    this.#all = database.prepare(ALL)
  }

  /** The effects of a run and everything below it, by id. */
  of(runSeq: number): ReadonlyMap<number, NestedEffect> {
    return new Map(this.#all.all(runSeq).map((effect) => [effect.id, effect]))
  }

  /** All that happened inside the body of an effect of this run, however deep. */
  inside(effect: { readonly id: number; readonly run_seq: number }): readonly NestedEffect[] {
    const all = this.of(effect.run_seq)
    return [...all.values()].filter((one) => outwards(one, all).some(({ id }) => id === effect.id))
  }
}

/** The effects around one, the nearest first. */
export function outwards(effect: NestedEffect, all: ReadonlyMap<number, NestedEffect>): readonly NestedEffect[] {
  const around: NestedEffect[] = []
  let next = effect
  while (next.outer_effect !== null) {
    const outer = all.get(next.outer_effect)
    // What is around the run itself is not its to look at. One that was moved into a body may be around itself.
    if (outer === undefined || outer.id === effect.id || around.includes(outer)) break
    around.push(outer)
    next = outer
  }
  return around
}

const ALL = `${WITH_TREE} SELECT f.id, f.run_seq, coalesce(f.parent_effect, t.body) AS outer_effect FROM ${TREE_EFFECTS}`
