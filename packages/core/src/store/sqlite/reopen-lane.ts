import type { LaneHistory } from '../read-verbs.ts'
import type { Refused, RunRef } from '../records.ts'
import { trailingFailures } from '../trailing-failures.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { Fence } from './fence.ts'
import { LaneReader } from './read-lane.ts'

/** Prepares what a lane recorded for being gone through once more by an attempt that is to end otherwise. */
export class LaneReopener {
  readonly #fence: Fence
  readonly #reader: LaneReader
  readonly #dropAnswer: SqliteStatement
  readonly #dropCall: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#fence = new Fence(database)
    this.#reader = new LaneReader(database)
    this.#dropAnswer = database.prepare('UPDATE answer SET superseded = 1 WHERE id = ?')
    this.#dropCall = database.prepare('UPDATE call SET superseded = 1 WHERE id = ?')
  }

  /** For good: a crash of the new attempt must not bring the old failure back. */
  reopenLane(run: RunRef, lane: string): { kind: 'reopened'; history: LaneHistory } | Refused {
    const refused = this.#fence.mayRecord(run)
    if (refused !== null) return refused
    const { answers, calls } = trailingFailures(this.#reader.readLane(run.seq, lane))
    for (const { id } of answers) this.#dropAnswer.run(id)
    for (const { id } of calls) this.#dropCall.run(id)
    return { kind: 'reopened', history: this.#reader.readLane(run.seq, lane) }
  }
}
