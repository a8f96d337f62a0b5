import { lanesBelow, leadingTo } from '../../util/effect-key-text.ts'
import type { WrittenBelow } from '../read-verbs.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { firstId, lastId } from './numbering.ts'
import { CLAIM_ENTRIES, MAY_HAVE_HAPPENED } from './subtree-sql.ts'

interface Written {
  lane: string
  tool: string
}

/** Finds what was written below a lane where no effect of the lane stands for it: in child runs, in reads and in works. */
export class LowerWrites {
  readonly #inReads: SqliteStatement<Written>
  readonly #inChildren: SqliteStatement<Written & { id: string; derived: number }>

  constructor(database: SqliteDatabase) {
    this.#inReads = database.prepare(IN_READS)
    this.#inChildren = database.prepare(IN_CHILDREN)
  }

  /** Of those whose claims come after the entry `since`. */
  of(runSeq: number, lane: string, since: number): readonly WrittenBelow[] {
    const { from, to } = lanesBelow(lane)
    const first = firstId(runSeq)
    const found = new Map<string, WrittenBelow>()
    const add = (written: WrittenBelow) => {
      const way = `${written.through}:${written.id}`
      if (!found.has(way)) found.set(way, written)
    }
    const throughRead = ({ lane: below, tool }: Written) => add({ through: 'read', id: leadingTo(lane, below), tool })
    for (const row of this.#inReads.all(first, lastId(runSeq), runSeq, first, since, from, to)) throughRead(row)
    for (const row of this.childrenOf(runSeq)) {
      if (row.lane !== lane && !(row.lane >= from && row.lane < to)) continue
      if (row.lane !== lane) throughRead(row)
      // One whose id the caller chose has the same id however a model words its input.
      else if (row.derived === 1) add({ through: 'child', id: row.id, tool: row.tool })
    }
    return [...found.values()]
  }

  /** The child runs of a run in which, or below which, something was written. */
  childrenOf(runSeq: number): (Written & { id: string; derived: number })[] {
    return this.#inChildren.all(runSeq)
  }
}

const HAPPENED = MAY_HAVE_HAPPENED.join(', ')

const IN_READS = `SELECT f.lane, f.tool FROM entry e JOIN effect f ON f.id = e.effect
  WHERE e.id BETWEEN ? AND ? AND e.kind IN (${CLAIM_ENTRIES}) AND f.run_seq = ? AND f.claim_entry = e.id - ? AND f.claim_entry > ?
    AND f.lane >= ? AND f.lane < ? AND f.caller_keyed = 0 AND f.status IN (${HAPPENED}) ORDER BY e.id`

// A key that a caller made says "the same" within its run: under another child run it is another effect, unless it is
// one of a scope, whose number is negative. What was done before a compensation does not count: neither the claims of a
// run from before it, nor the children of an execution from before it, whose epoch the entry of the retry tells. CROSS
// keeps the order of the joins: from few runs to their entries.
const IS_OF_NOW = (parent: string, child: string) => `(${parent}.history_from = 0 OR ${child}.parent_epoch >=
  (SELECT e.body ->> 'epoch' FROM entry e WHERE e.id = ${parent}.seq * 16777216 + ${parent}.history_from))`
const IN_CHILDREN = `WITH RECURSIVE below (top, lane, id, derived, seq, history_from) AS (
    SELECT c.seq, c.parent_lane, c.id, substr(c.id, 1, length(p.id) + 1) = p.id || '/', c.seq, c.history_from
      FROM run p JOIN run c ON c.parent_seq = p.seq AND ${IS_OF_NOW('p', 'c')}
      WHERE p.seq = ?
    UNION ALL SELECT b.top, b.lane, b.id, b.derived, r.seq, r.history_from
      FROM below b JOIN run r ON r.parent_seq = b.seq AND ${IS_OF_NOW('b', 'r')})
  SELECT b.lane, b.id, b.derived, min(f.tool) AS tool
  FROM below b CROSS JOIN entry e ON e.id BETWEEN b.seq * 16777216 AND b.seq * 16777216 + 16777215
    CROSS JOIN effect f ON f.id = e.effect
  WHERE e.kind IN (${CLAIM_ENTRIES}) AND f.run_seq = b.seq AND (f.caller_keyed = 0 OR f.owner_seq > 0)
    AND f.claim_entry > b.history_from AND f.status IN (${HAPPENED})
  GROUP BY b.top`
