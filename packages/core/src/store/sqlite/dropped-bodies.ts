import { CALL_CODE, EFFECT_CODE, RECORD_LEVEL_CODE, RUN_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { Entries, entryBody } from './entries.ts'
import { firstId, lastId } from './numbering.ts'
import { TREE_EFFECTS, WITH_TREE } from './subtree-sql.ts'

interface Over {
  parent_seq: number | null
  status: number
}

interface Late {
  readonly run_seq: number
  readonly record_level: number
}

/**
 * Drops the bodies of what is recorded as a hash only, as soon as a whole tree of runs is over and nothing of it can
 * be resumed: it has completed, or all of it was undone. What still has to be decided about keeps its bodies until it
 * has been. Hashes, usage and every other fact stay.
 */
export class DroppedBodies {
  readonly #entries: Entries
  readonly #run: SqliteStatement<Over>
  readonly #drops: SqliteStatement
  readonly #tree: SqliteStatement<{ seq: number }>
  readonly #effects: SqliteStatement
  readonly #originals: SqliteStatement
  readonly #answers: SqliteStatement
  readonly #calls: SqliteStatement
  readonly #mark: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#entries = new Entries(database)
    this.#run = database.prepare('SELECT parent_seq, status FROM run WHERE seq = ?')
    this.#drops = database.prepare(DROPS)
    this.#tree = database.prepare(`${WITH_TREE} SELECT seq FROM tree`)
    this.#effects = database.prepare(EFFECTS)
    this.#originals = database.prepare(ORIGINALS)
    this.#answers = database.prepare(ANSWERS)
    this.#calls = database.prepare(CALLS)
    this.#mark = database.prepare('UPDATE run SET drops = 1 WHERE seq = ? AND drops = 0')
  }

  /** Says that the run records something as a hash only. */
  mark(runSeq: number): void {
    this.#mark.run(runSeq)
  }

  /** Call it in the transaction that ends the run; for one inside another run it does nothing. */
  dropIfOver(runSeq: number, at: number): void {
    const run = this.#run.get(runSeq)
    if (run === undefined || run.parent_seq !== null || !OVER.includes(run.status)) return
    if (this.#drops.get(runSeq) === undefined) return
    const effects = this.#effects.run(run.status === RUN_CODE.compensated ? 1 : 0, runSeq).changes
    this.#originals.run(runSeq)
    const counts = { effects, answers: 0, calls: 0 }
    for (const { seq } of this.#tree.all(runSeq)) {
      const range = [firstId(seq), lastId(seq)] as const
      counts.answers += this.#answers.run(...range).changes
      counts.calls += this.#calls.run(...range, ...range).changes
    }
    if (counts.effects + counts.answers + counts.calls === 0) return
    this.#entries.appendAnywhere(runSeq, { kind: 'bodies-dropped', at, body: entryBody(counts) })
  }

  /** What was still in flight, or in doubt, when the run ended has come to its end. Call it after the entry about it. */
  dropLate({ run_seq: runSeq, record_level: level }: Late, at: number): void {
    if (level === RECORD_LEVEL_CODE.hash) this.dropIfOver(this.#topOf(runSeq), at)
  }

  #topOf(runSeq: number): number {
    const parent = this.#run.get(runSeq)?.parent_seq ?? null
    return parent === null ? runSeq : this.#topOf(parent)
  }
}

const OVER: readonly number[] = [RUN_CODE.completed, RUN_CODE.compensated]

const DROPS = `${WITH_TREE} SELECT 1 FROM tree t CROSS JOIN run r ON r.seq = t.seq WHERE r.drops = 1 LIMIT 1`

const DECIDED = [
  EFFECT_CODE.succeeded,
  EFFECT_CODE.failed,
  EFFECT_CODE.denied,
  EFFECT_CODE.canceled,
  EFFECT_CODE.compensated,
].join(', ')

/** What a body becomes: the hash of what it was. */
const hashOf = (digest: string) => `'{"$hf":"hash","value":"' || lower(hex(${digest})) || '"}'`
const IS_HASH = `LIKE '{"$hf":"hash",%'`
const HASHED = RECORD_LEVEL_CODE.hash

// Those that a human refused before anything executed have no claim, only the question.
const IS_OVER = `f.owner_seq > 0 AND f.record_level = ${HASHED} AND f.status IN (${DECIDED})`
const OVER_IN_TREE = `${WITH_TREE} SELECT f.id FROM ${TREE_EFFECTS} AND ${IS_OVER}
  UNION SELECT f.id FROM tree t CROSS JOIN approval a ON a.run_seq = t.seq CROSS JOIN effect f ON f.id = a.effect AND ${IS_OVER}`

// What the tool keeps for its compensation stays while there may be one. Keys of scopes answer other runs too.
const EFFECTS = `UPDATE effect SET args = ${hashOf('args_digest')}, result_kept = 0, error = NULL, undo_error = NULL,
  result = CASE WHEN result_digest IS NULL THEN NULL ELSE ${hashOf('result_digest')} END,
  token = CASE undo.isOver WHEN 1 THEN NULL ELSE token END
  FROM (SELECT ? AS isOver) undo
  WHERE id IN (${OVER_IN_TREE}) AND (args NOT ${IS_HASH} OR (undo.isOver = 1 AND token IS NOT NULL))`

// What a human edited keeps what was asked for beside it.
const ORIGINALS = `UPDATE approval SET original = ${hashOf('original_digest')}
  WHERE effect IN (${OVER_IN_TREE}) AND original IS NOT NULL AND original NOT ${IS_HASH}`

const ANSWERS = `UPDATE answer SET body = NULL WHERE id BETWEEN ? AND ? AND record_level = ${HASHED} AND body IS NOT NULL`

// A request that is kept may be stored as a difference to one that is not: then those of that run all stay.
const CALLS = `UPDATE call SET response = NULL, error = NULL, request = CASE
    WHEN EXISTS (SELECT 1 FROM call k WHERE k.id BETWEEN ? AND ? AND k.record_level <> ${HASHED}) THEN request
    ELSE ${hashOf('exact_hash')} END
  WHERE id BETWEEN ? AND ? AND record_level = ${HASHED} AND status <> ${CALL_CODE.open}
    AND (response IS NOT NULL OR error IS NOT NULL OR request NOT ${IS_HASH})`
