import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { firstId, lastId, numberOf } from './numbering.ts'

interface Seen {
  /** All of the run's calls up to this id have been counted. */
  upTo: number
  readonly lanes: Map<string, number>
}

const MAX_RUNS = 64

/**
 * Counts the calls of each lane without reading them again each time: what was counted is remembered, and only rows
 * that are newer, by whichever process, are read. The newest runs are kept.
 */
export class LaneOrdinals {
  readonly #context: VerbContext
  readonly #newer: SqliteStatement<{ id: number; lane: string; ordinal: number }>
  readonly #runs = new Map<number, Seen>()
  #losses = 0

  constructor(context: VerbContext) {
    this.#context = context
    this.#newer = context.database.prepare('SELECT id, lane, ordinal FROM call WHERE id > ? AND id <= ? ORDER BY id')
  }

  /** The number in its run, and the ordinal in its lane, of a call that is written next. */
  next(runSeq: number, lane: string): { readonly number: number; readonly ordinal: number } {
    const seen = this.#seenOf(runSeq)
    for (const call of this.#newer.all(seen.upTo, lastId(runSeq))) {
      seen.upTo = call.id
      seen.lanes.set(call.lane, call.ordinal)
    }
    return { number: numberOf(seen.upTo) + 1, ordinal: (seen.lanes.get(lane) ?? 0) + 1 }
  }

  #seenOf(runSeq: number): Seen {
    this.#forgetLosses()
    const seen = this.#runs.get(runSeq) ?? { upTo: firstId(runSeq), lanes: new Map() }
    // Set anew: a Map keeps the order of insertion, so that the first is the one not used for longest.
    this.#runs.delete(runSeq)
    this.#runs.set(runSeq, seen)
    const [oldest] = this.#runs.keys()
    if (this.#runs.size > MAX_RUNS && oldest !== undefined) this.#runs.delete(oldest)
    return seen
  }

  /** Rows that a lost transaction had written were never there. */
  #forgetLosses(): void {
    const { losses } = this.#context.connection
    if (losses === this.#losses) return
    this.#losses = losses
    this.#runs.clear()
  }
}
