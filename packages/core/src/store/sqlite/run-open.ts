import { crashPoint } from '../../util/crash-point.ts'
import type { RunRef } from '../records.ts'
import type { OpenRun, RunOpened } from '../run-verbs.ts'
import { CALL_CODE, RUN_CODE } from './codes.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { storedLease } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence, isOpen } from './fence.ts'
import { HoldSweep } from './hold-sweep.ts'
import { Limits } from './limits.ts'
import { firstId, lastId } from './numbering.ts'
import { isDead, type RunRow, runLease, SELECT_RUN, toRun } from './run-rows.ts'
import { RunScopes, scopesText } from './run-scopes.ts'
import { PARAMETER } from './sql.ts'

/** Opens runs: new ones, dead ones again, failed ones once more. */
export class RunOpener {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #entries: Entries
  readonly #limits: Limits
  readonly #scopes: RunScopes
  readonly #sweep: HoldSweep
  readonly #byId: SqliteStatement<RunRow>
  readonly #insert: SqliteStatement
  readonly #setRoot: SqliteStatement
  readonly #takeOver: SqliteStatement
  readonly #retry: SqliteStatement
  readonly #goOn: SqliteStatement
  readonly #keep: SqliteStatement
  readonly #loseCalls: SqliteStatement
  readonly #forget: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#entries = new Entries(database)
    this.#limits = new Limits(database)
    this.#scopes = new RunScopes(context)
    this.#sweep = new HoldSweep(context)
    this.#byId = database.prepare<RunRow>(`${SELECT_RUN} WHERE r.id = ${PARAMETER}`)
    this.#insert = database.prepare(INSERT)
    this.#setRoot = database.prepare('UPDATE run SET root_seq = seq WHERE seq = ?')
    this.#takeOver = database.prepare(TAKE_OVER)
    this.#retry = database.prepare(RETRY)
    this.#goOn = database.prepare(GO_ON)
    this.#keep = database.prepare('UPDATE run SET scopes = ?, timed_from = ? WHERE seq = ?')
    this.#loseCalls = database.prepare(LOSE_CALLS)
    this.#forget = database.prepare('UPDATE run SET history_from = ? WHERE seq = ?')
  }

  openRun(open: OpenRun): RunOpened {
    const refused = open.parent === null ? null : this.#fence.mayStart(open.parent.run)
    if (refused !== null) return refused
    const row = this.#byId.get(open.id)
    if (row === undefined) return this.#openNew(open)
    const conflict = conflictOf(row, open)
    if (conflict !== null) return { kind: 'conflict', run: toRun(row, this.#context.leases), what: conflict }
    if (isOpen(row.status) || row.status === RUN_CODE.waiting) return this.#reopen(row, open)
    if (!open.retry || !MAY_RETRY.includes(row.status)) return { kind: 'ended', run: toRun(row, this.#context.leases) }
    return this.#openAgain(row, open, 'retried')
  }

  #openNew(open: OpenRun): RunOpened {
    const { parent } = open
    const unlimited = this.#unlimited(open, null)
    if (unlimited !== null) return unlimited
    const inserted = this.#insert.run(
      open.id,
      ...this.#leaseOf(open),
      open.shared ? 1 : 0,
      parent?.run.rootSeq ?? 0,
      ...placeOf(open),
      open.name,
      open.thread,
      open.at,
      open.inputHash,
      JSON.stringify(open.tags),
      scopesText(open, null, []),
      open.options ?? null,
      open.input,
    )
    const seq = Number(inserted.lastInsertRowid)
    if (parent === null) this.#setRoot.run(seq)
    this.#entries.touch(seq, this.#entries.append(seq, { kind: 'run-opened', at: open.at, body: openedBody(open) }))
    return this.#opened(open, 'new')
  }

  /** A run that has not ended: joined, refused as running elsewhere, or taken over from whoever is gone. */
  #reopen(row: RunRow, open: OpenRun): RunOpened {
    if (row.shared === 1) return this.#join(row, open)
    const { leases } = this.#context
    const isLive = !isDead(row, leases) && !isOrphan(row, open.parent?.run)
    const isTaken = isOpen(row.status) && (isLive || isAbove(row, open.parent?.run))
    if (!isTaken) return this.#openAgain(row, open, 'resumed')
    return { kind: 'running', run: toRun(row, leases), lease: runLease(row, leases) }
  }

  /** What its workers share goes on with the first who comes, whatever another one waits for. */
  #join(row: RunRow, open: OpenRun): RunOpened {
    const unlimited = this.#unlimited(open, row)
    if (unlimited !== null) return unlimited
    this.#goesOn(row, open, 'joined')
    if (row.status === RUN_CODE.waiting) {
      this.#goOn.run(row.seq, row.epoch)
      const body = entryBody({ attempt: row.attempt, epoch: row.epoch })
      const number = this.#entries.append(row.seq, { kind: 'run-resumed', at: open.at, body })
      this.#entries.touch(row.seq, number)
    }
    return this.#opened(open, 'joined')
  }

  #openAgain(row: RunRow, open: OpenRun, how: 'resumed' | 'retried'): RunOpened {
    const unlimited = this.#unlimited(open, row)
    if (unlimited !== null) return unlimited
    const statement = how === 'retried' ? this.#retry : this.#takeOver
    const { changes } = statement.run(
      ...this.#leaseOf(open),
      ...placeOf(open),
      open.options ?? null,
      row.seq,
      row.epoch,
    )
    if (changes !== 1) throw new Error(`Run ${row.id} changed inside a transaction of its own`)
    this.#goesOn(row, open, how)
    this.#sweep.sweep(open.at)
    this.#loseCalls.run(open.at, firstId(row.seq), lastId(row.seq))
    const attempt = row.attempt + (how === 'retried' ? 1 : 0)
    const body = entryBody({ attempt, epoch: row.epoch + 1 })
    const number = this.#entries.append(row.seq, { kind: `run-${how}`, at: open.at, body })
    this.#entries.touch(row.seq, number)
    if (row.status === RUN_CODE.compensated) this.#forget.run(number, row.seq)
    return this.#opened(open, how)
  }

  /**
   * The scopes of all its openings add up. What it waited for a human is no time of its own, and another attempt has its
   * time anew; whoever takes over a run that died has what is left of it.
   */
  #goesOn(row: RunRow, open: OpenRun, how: 'joined' | 'resumed' | 'retried'): void {
    const scopes = scopesText(open, row, this.#scopes.above(row, lineOf(open.parent?.run)))
    const isTimedAnew = how === 'retried' || row.status === RUN_CODE.waiting
    const timedFrom = isTimedAnew ? open.at : row.timed_from
    if (scopes === row.scopes && timedFrom === row.timed_from) return
    this.#keep.run(scopes, timedFrom, row.seq)
  }

  #unlimited(open: OpenRun, row: RunRow | null): RunOpened | null {
    const scope = this.#scopes.unlimited(open, row)
    return scope === null ? null : { kind: 'unlimited', scope }
  }

  /** What its owner holds from now on: also the epochs of all ancestors, which were those of this transaction a moment ago. */
  #opened(open: OpenRun, how: 'new' | 'resumed' | 'retried' | 'joined'): RunOpened {
    const row = this.#byId.get(open.id)
    if (row === undefined) throw new Error(`Run ${open.id} vanished inside a transaction`)
    if (open.limits != null) this.#limits.setOfRun({ ...row, isNew: how === 'new' }, open.limits, open.at)
    const ancestors = lineOf(open.parent?.run)
    const scopes = this.#scopes.seqsOf(row, open, ancestors)
    crashPoint('in-open-transaction')
    const ref = { seq: row.seq, epoch: row.epoch, rootSeq: row.root_seq, ancestors, scopes }
    return { kind: 'opened', how, run: toRun(row, this.#context.leases), ref }
  }

  #leaseOf(open: OpenRun): [owner: number | null, leasedAt: number | null, leaseMs: number | null] {
    if (open.shared) return [null, null, null]
    return [this.#context.connection.owner.id, monotonicMs(this.#context.clock), storedLease(open.leaseMs)]
  }
}

// Compensation that failed, or that nobody has finished, comes first: what is left of the last attempt may be undone yet.
const MAY_RETRY: readonly number[] = [RUN_CODE.failed, RUN_CODE.canceled, RUN_CODE.compensated]

const INSERT = `INSERT INTO run (id, status, epoch, attempt, touched, owner, leased_at, lease_ms, shared, root_seq, parent_seq,
  parent_epoch, parent_lane, parent_effect, path, name, thread, created_at, input_hash, tags, scopes, options, input)
VALUES (?, ${RUN_CODE.running}, 1, 1, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// What is not given stays, name by name; of nothing at all the patch is null.
const OPTIONS = `options = coalesce(json_patch(coalesce(options, '{}'), ?), options)`

// The place is the caller's: whoever opened it before may have ended long ago. The root stays: its stream numbers the
// commits that were made so far.
const TAKE_OVER = `UPDATE run SET status = ${RUN_CODE.running}, epoch = epoch + 1, owner = ?, leased_at = ?, lease_ms = ?,
  parent_seq = ?, parent_epoch = ?, parent_lane = ?, parent_effect = ?, path = ?, ${OPTIONS} WHERE seq = ? AND epoch = ?`

const RETRY = `UPDATE run SET status = ${RUN_CODE.running}, epoch = epoch + 1, attempt = attempt + 1, owner = ?, leased_at = ?,
  lease_ms = ?, parent_seq = ?, parent_epoch = ?, parent_lane = ?, parent_effect = ?, path = ?,
  ${OPTIONS}, halt = NULL, error = NULL, output = NULL, output_kept = 1, aborted = 0, ended_at = NULL
  WHERE seq = ? AND epoch = ?`

// All its workers act under the same epoch.
const GO_ON = `UPDATE run SET status = ${RUN_CODE.running} WHERE seq = ? AND epoch = ? AND status = ${RUN_CODE.waiting}`

// Their process may yet be answered. This execution makes those calls again and acts on other answers: only these may
// be served to the next one.
const LOSE_CALLS = `UPDATE call SET status = ${CALL_CODE.lost}, ended_at = ?
  WHERE id BETWEEN ? AND ? AND status = ${CALL_CODE.open}`

function conflictOf(row: RunRow, open: OpenRun): 'input' | 'shared' | null {
  const hasOtherInput = row.input_hash !== null && open.inputHash !== null && !row.input_hash.equals(open.inputHash)
  if (hasOtherInput) return 'input'
  return (row.shared === 1) === open.shared ? null : 'shared'
}

/** A child whose holder works for an execution of the parent that has been replaced: all its verbs are fenced. */
function isOrphan(row: RunRow, parent: RunRef | undefined): boolean {
  return parent !== undefined && row.parent_seq === parent.seq && row.parent_epoch !== parent.epoch
}

/** A run that the caller itself is in, further out: it cannot become its own descendant. */
function isAbove(row: RunRow, parent: RunRef | undefined): boolean {
  return lineOf(parent).some(({ seq }) => seq === row.seq)
}

/** From the root of the tree down to the parent. */
function lineOf(parent: RunRef | undefined): RunRef['ancestors'] {
  return parent === undefined ? [] : [...parent.ancestors, { seq: parent.seq, epoch: parent.epoch }]
}

type PlaceColumns = [seq: number | null, epoch: number | null, lane: string | null, effect: number | null, path: string]

/** Where in which parent the run is opened: its columns from `parent_seq` to `path`. */
function placeOf({ parent }: OpenRun): PlaceColumns {
  const path = JSON.stringify(lineOf(parent?.run).map(({ seq }) => seq))
  if (parent === null) return [null, null, null, null, path]
  return [parent.run.seq, parent.run.epoch, parent.lane, parent.effect, path]
}

function openedBody(open: OpenRun): string {
  return entryBody({ attempt: 1, epoch: 1, ...(open.name === null ? {} : { name: open.name }) })
}
