import { isThroughRead, workLanesBelow } from '../../util/effect-key-text.ts'
import type { LaneHistory } from '../read-verbs.ts'
import type { Refused, RunRef } from '../records.ts'
import { trailingFailures } from '../trailing-failures.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { Fence } from './fence.ts'
import { firstId, lastId } from './numbering.ts'
import { LaneReader } from './read-lane.ts'
import { CLAIM_ENTRIES } from './subtree-sql.ts'

/** Prepares what a lane recorded for being gone through once more by an attempt that is to end otherwise. */
export class LaneReopener {
  readonly #fence: Fence
  readonly #reader: LaneReader
  readonly #works: SqliteStatement<{ lane: string }>
  readonly #dropAnswer: SqliteStatement
  readonly #dropCall: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#fence = new Fence(database)
    this.#reader = new LaneReader(database)
    this.#works = database.prepare(WORKS)
    this.#dropAnswer = database.prepare('UPDATE answer SET superseded = 1 WHERE id = ?')
    this.#dropCall = database.prepare('UPDATE call SET superseded = 1 WHERE id = ?')
  }

  /** For good: a crash of the new attempt must not bring the old failure back. */
  reopenLane(run: RunRef, lane: string): { kind: 'reopened'; history: LaneHistory } | Refused {
    const refused = this.#fence.mayRecord(run)
    if (refused !== null) return refused
    const { answers, calls } = trailingFailures(this.#withWorks(run.seq, lane))
    for (const { id } of answers) this.#dropAnswer.run(id)
    for (const { id } of calls) this.#dropCall.run(id)
    return { kind: 'reopened', history: this.#reader.readLane(run.seq, lane) }
  }

  /** What ended a lane may have been met in work of it that has no outcome of its own, and is gone through with it. */
  #withWorks(runSeq: number, lane: string): Pick<LaneHistory, 'effects' | 'answers' | 'calls'> {
    const { from, to } = workLanesBelow(lane)
    const [first, last] = [firstId(runSeq), lastId(runSeq)]
    const rows = this.#works.all(first, last, from, to, first, last, from, to, first, last, runSeq, from, to)
    const works = rows.filter(({ lane: work }) => !isThroughRead(lane, work))
    const all = [lane, ...works.map(({ lane: work }) => work)].map((one) => this.#reader.readLane(runSeq, one))
    return {
      effects: all.flatMap(({ effects }) => effects),
      answers: all.flatMap(({ answers }) => answers),
      calls: all.flatMap(({ calls }) => calls),
    }
  }
}

const WORKS = `SELECT lane FROM answer WHERE id BETWEEN ? AND ? AND lane >= ? AND lane < ?
  UNION SELECT lane FROM call WHERE id BETWEEN ? AND ? AND lane >= ? AND lane < ?
  UNION SELECT f.lane FROM entry e JOIN effect f ON f.id = e.effect
    WHERE e.id BETWEEN ? AND ? AND e.kind IN (${CLAIM_ENTRIES}) AND f.run_seq = ? AND f.lane >= ? AND f.lane < ?`
