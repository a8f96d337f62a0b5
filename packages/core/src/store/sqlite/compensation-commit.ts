import { crashPoint } from '../../util/crash-point.ts'
import type { CommitCompensation, CompensationCommitted, CompensationOutcome } from '../decision-verbs.ts'
import type { Body, EntryKind } from '../records.ts'
import { EFFECT_CODE, UNDO_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { effectEntryBody } from './effect-entry.ts'
import { EffectFinder } from './effect-finder.ts'
import { EffectNesting } from './effect-nesting.ts'
import { type EffectRow, toEffect } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'

/** Records what the compensation of an effect came to. */
export class CompensationCommits {
  readonly #finder: EffectFinder
  readonly #entries: Entries
  readonly #nesting: EffectNesting
  readonly #succeed: SqliteStatement<Undone>
  readonly #fail: SqliteStatement<Undone>
  readonly #retry: SqliteStatement<Undone>
  readonly #cover: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#finder = new EffectFinder(database)
    this.#entries = new Entries(database)
    this.#nesting = new EffectNesting(database)
    this.#succeed = database.prepare(SUCCEED)
    this.#fail = database.prepare(FAIL)
    this.#retry = database.prepare(RETRY)
    this.#cover = database.prepare(COVER)
  }

  /** The effect's epoch decides: that its run was taken over meanwhile does not make it untrue. */
  commitCompensation(commit: CommitCompensation): CompensationCommitted {
    const row = this.#record(commit)
    if (row === undefined) return this.#answerLate(commit)
    crashPoint('in-compensation-commit-transaction')
    return committed(row)
  }

  /** Somebody undid outside what its compensation could not. Answers whether there was such a failure. */
  settleByHand(row: EffectRow, note: Body | null, at: number): boolean {
    if (row.status !== EFFECT_CODE.compensation_failed) return false
    this.#cover.run(at, row.id)
    const body = entryBody({ decision: 'compensated', by: 'human', attempt: row.undo_attempt }, 'note', note)
    this.#tell(row, 'effect-resolved', body, at)
    if (row.undo === UNDO_CODE.inner) this.#coverInner(row, at)
    return true
  }

  /** Undefined if the effect is no longer the caller's: then nothing was written. */
  #record({ id, epoch, outcome, at }: CommitCompensation): Undone | undefined {
    if (outcome.kind === 'compensated') {
      const row = this.#succeed.get(at, id, epoch)
      if (row !== undefined) this.#tellCompensated(row, at)
      return row
    }
    const isLast = outcome.kind === 'failed'
    const row = isLast ? this.#fail.get(outcome.error, id, epoch) : this.#retry.get(id, epoch)
    if (row === undefined) return undefined
    // A retry has counted the attempt that follows.
    const attempt = isLast ? row.undo_attempt : row.undo_attempt - 1
    const body = effectEntryBody(row, { attempt }, 'error', outcome.error)
    this.#tell(row, isLast ? 'compensation-failed' : 'compensation-retried', body, at)
    return row
  }

  #tellCompensated(row: Undone, at: number): void {
    this.#tell(row, 'effect-compensated', entryBody({ attempt: row.undo_attempt }), at)
    if (row.undo === UNDO_CODE.inner) this.#coverInner(row, at)
  }

  #answerLate({ id, epoch, outcome }: CommitCompensation): CompensationCommitted {
    const row = this.#finder.byId(id)
    return isRepeated(row, epoch, outcome) ? committed(row) : { kind: 'lost', effect: toEffect(row) }
  }

  /** Whoever undid the outer effect undid what happened inside its body, whatever tools did it. */
  #coverInner(outer: Pick<EffectRow, 'id' | 'run_seq'>, at: number): void {
    const body = entryBody({ by: outer.id })
    for (const inner of this.#nesting.inside(outer)) {
      const { changes } = this.#cover.run(at, inner.id)
      if (changes === 1) this.#tell(inner, 'effect-compensated', body, at)
    }
  }

  #tell(effect: Pick<EffectRow, 'id' | 'run_seq'>, kind: EntryKind, body: Body, at: number): void {
    this.#entries.appendAnywhere(effect.run_seq, { kind, effect: effect.id, at, body })
  }
}

type Undone = Pick<EffectRow, 'id' | 'run_seq' | 'undo' | 'undo_attempt' | 'record_level'>

const IF_MINE = `WHERE id = ? AND epoch = ? AND status = ${EFFECT_CODE.compensating}
  RETURNING id, run_seq, undo, undo_attempt, record_level`
const SUCCEED = `UPDATE effect SET status = ${EFFECT_CODE.compensated}, undone_at = ?, owner = NULL, leased_at = NULL ${IF_MINE}`
const FAIL = `UPDATE effect SET status = ${EFFECT_CODE.compensation_failed}, undo_error = ?, owner = NULL, leased_at = NULL ${IF_MINE}`
const RETRY = `UPDATE effect SET undo_attempt = undo_attempt + 1 ${IF_MINE}`

// Whoever is about to undo it by itself has read an epoch that has passed.
const COVER = `UPDATE effect SET status = ${EFFECT_CODE.compensated}, epoch = epoch + 1, undone_at = ?, undo_error = NULL
  WHERE id = ? AND status IN (${EFFECT_CODE.succeeded}, ${EFFECT_CODE.compensation_failed})`

function committed({ undo_attempt: attempt }: Pick<EffectRow, 'undo_attempt'>): CompensationCommitted {
  return { kind: 'committed', attempt }
}

/** The same word once more: the answer to the first was lost. */
function isRepeated(row: EffectRow, epoch: number, outcome: CompensationOutcome): boolean {
  if (row.epoch !== epoch || outcome.kind === 'retry') return false
  if (outcome.kind === 'compensated') return row.status === EFFECT_CODE.compensated
  return row.status === EFFECT_CODE.compensation_failed && row.undo_error === outcome.error
}
