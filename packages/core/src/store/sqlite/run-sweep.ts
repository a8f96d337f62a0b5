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
  readonly #candidates: Readonly<Record<SweepRuns['what'], readonly SqliteStatement<{ seq: number }>[]>>
  readonly #bySeq: SqliteStatement<RunRow>
  readonly #unknown: SqliteStatement<EffectRow>
  readonly #last: SqliteStatement<{ at: number }>
  readonly #settled: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#approvals = new Approvals(database)
    this.#leftovers = new RunLeftovers(context)
    const prepared = (sql: string) => database.prepare<{ seq: number }>(sql)
    this.#candidates = { urgent: SWEEP_QUERIES.urgent.map(prepared), idle: SWEEP_QUERIES.idle.map(prepared) }
    this.#bySeq = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.seq = ${PARAMETER}`)
    this.#unknown = database.prepare<EffectRow>(UNKNOWN)
    this.#last = database.prepare('SELECT at FROM entry WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1')
    this.#settled = database.prepare('UPDATE run SET unsettled = 0 WHERE seq = ?')
  }

  sweepRuns({ what, after, limit, at }: SweepRuns): SweptRuns {
    const seqs = this.#page(what, after, limit)
    const rows = seqs.map((seq) => this.#bySeq.get(seq) as RunRow)
    const runs = rows.filter((row) => this.#isLeftAlone(row, what)).flatMap((row) => this.#sweep(row, what, at))
    return { runs, next: seqs.length < limit ? null : (seqs.at(-1) ?? null) }
  }

  /** The lowest numbers of all runs that may need somebody. */
  #page(what: SweepRuns['what'], after: number, limit: number): readonly number[] {
    const found = this.#candidates[what].flatMap((statement) => statement.all(after, limit).map(({ seq }) => seq))
    return [...new Set(found)].toSorted((one, other) => one - other).slice(0, limit)
  }

  #sweep(row: RunRow, what: SweepRuns['what'], at: number): SweptRun[] {
    const { leases } = this.#context
    const { expired, unsettled } = this.#leftovers.settleRun(row.seq, at)
    const pending = this.#approvals.expireUnder(row.seq, at)
    const unknown: readonly EffectRecord[] = this.#unknown.all(row.seq).map(toEffect)
    // What nobody knows is asked about again by whoever has the tool: it may not be this process.
    if (row.unsettled === 1 && unsettled.size === 0) this.#settled.run(row.seq)
    // Of one that has ended, or that several workers share, only what somebody left can be seen to.
    if (what === 'urgent' && row.status !== RUN_CODE.compensating && unknown.length === 0) return []
    const lastAt = this.#last.get(firstId(row.seq), lastId(row.seq))?.at ?? row.created_at
    return [{ run: toRun(row, leases), expired, unknown, pending, lastAt }]
  }

  /** Whether nobody acts for it, and it is of this kind: each is of one kind at a time. */
  #isLeftAlone(row: RunRow, what: SweepRuns['what']): boolean {
    const isWaiting = row.status === RUN_CODE.waiting
    if (what === 'idle') return isWaiting || (isOpen(row.status) && isDead(row, this.#context.leases))
    if (isOpen(row.status)) return row.shared === 1
    return !isWaiting && (row.status !== RUN_CODE.compensating || isDead(row, this.#context.leases))
  }
}

const candidatesWhere = (condition: string) => `SELECT seq FROM run WHERE ${condition} AND seq > ? ORDER BY seq LIMIT ?`

/** Each uses an index of its own, in order of the runs; the conditions of those are repeated word for word. */
export const SWEEP_QUERIES: Readonly<Record<SweepRuns['what'], readonly string[]>> = {
  urgent: [`status = ${RUN_CODE.compensating}`, 'unsettled = 1', 'shared = 1 AND status IN (0, 1)'].map(
    candidatesWhere,
  ),
  idle: [RUN_CODE.running, RUN_CODE.closing, RUN_CODE.waiting].map((code) =>
    candidatesWhere(`status = ${code} AND status IN (0, 1, 2)`),
  ),
}

const UNKNOWN = `${SELECT_EFFECT} WHERE f.run_seq = ${PARAMETER} AND f.status IN (3, 4) AND f.status = ${EFFECT_CODE.unknown}
  ORDER BY f.id`
