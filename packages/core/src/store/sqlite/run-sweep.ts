import type { EffectRecord } from '../records.ts'
import type { SweepRuns, SweptRun, SweptRuns } from '../run-verbs.ts'
import { Approvals } from './approvals.ts'
import { EFFECT_CODE, RUN_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { type EffectRow, SELECT_EFFECT, toEffect } from './effect-rows.ts'
import { isOpen } from './fence.ts'
import { firstId, lastId } from './numbering.ts'
import { RunLeftovers } from './run-leftovers.ts'
import { isDead, type RunRow, SELECT_RUN, toRun } from './run-rows.ts'
import { PARAMETER } from './sql.ts'

/** Looks through the runs that nobody acts for. What has ended in order costs nothing. */
export class RunSweeper {
  readonly #context: VerbContext
  readonly #approvals: Approvals
  readonly #leftovers: RunLeftovers
  readonly #candidates: readonly SqliteStatement<{ seq: number }>[]
  readonly #bySeq: SqliteStatement<RunRow>
  readonly #unknown: SqliteStatement<EffectRow>
  readonly #last: SqliteStatement<{ at: number }>
  readonly #settled: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#approvals = new Approvals(database)
    this.#leftovers = new RunLeftovers(context)
    this.#candidates = SWEEP_QUERIES.map((sql) => database.prepare(sql))
    this.#bySeq = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.seq = ${PARAMETER}`)
    this.#unknown = database.prepare<EffectRow>(UNKNOWN)
    this.#last = database.prepare('SELECT at FROM entry WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1')
    this.#settled = database.prepare('UPDATE run SET unsettled = 0 WHERE seq = ?')
  }

  sweepRuns({ after, limit, at }: SweepRuns): SweptRuns {
    const seqs = this.#page(after, limit)
    const runs = seqs.flatMap((seq) => this.#sweep(this.#bySeq.get(seq) as RunRow, at))
    return { runs, next: seqs.length < limit ? null : (seqs.at(-1) ?? null) }
  }

  /** The lowest numbers of all kinds of runs that may need somebody. */
  #page(after: number, limit: number): readonly number[] {
    const found = this.#candidates.flatMap((statement) => statement.all(after, limit).map(({ seq }) => seq))
    return [...new Set(found)].toSorted((one, other) => one - other).slice(0, limit)
  }

  #sweep(row: RunRow, at: number): SweptRun[] {
    const { leases } = this.#context
    if (!this.#isLeftAlone(row)) return []
    const { expired, inFlight } = this.#leftovers.settleRun(row.seq, at)
    if (row.unsettled === 1 && inFlight.size === 0) this.#settled.run(row.seq)
    const pending = this.#approvals.expireOf(row.seq, at)
    const unknown: readonly EffectRecord[] = this.#unknown.all(row.seq).map(toEffect)
    // Its workers are not known one by one: all that can be told is what one of them left.
    if (isOpen(row.status) && row.shared === 1 && unknown.length === 0) return []
    const lastAt = this.#last.get(firstId(row.seq), lastId(row.seq))?.at ?? row.created_at
    return [{ run: toRun(row, leases), expired, unknown, pending, lastAt }]
  }

  #isLeftAlone(row: RunRow): boolean {
    const isHeld = isOpen(row.status) || row.status === RUN_CODE.compensating
    return !isHeld || (row.shared === 1 && isOpen(row.status)) || isDead(row, this.#context.leases)
  }
}

/** Each uses an index of its own, in order of the runs; the conditions of those are repeated word for word. */
export const SWEEP_QUERIES: readonly string[] = [
  ...[RUN_CODE.running, RUN_CODE.closing, RUN_CODE.waiting].map((code) => `status = ${code} AND status IN (0, 1, 2)`),
  `status = ${RUN_CODE.compensating}`,
  'unsettled = 1',
].map((condition) => `SELECT seq FROM run WHERE ${condition} AND seq > ? ORDER BY seq LIMIT ?`)

const UNKNOWN = `${SELECT_EFFECT} WHERE f.run_seq = ${PARAMETER} AND f.status IN (3, 4) AND f.status = ${EFFECT_CODE.unknown}
  ORDER BY f.id`
