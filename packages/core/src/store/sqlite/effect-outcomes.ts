import type { EffectOutcome } from '../effect-verbs.ts'
import { CERTAINTY_CODE, EFFECT_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { Entries } from './entries.ts'

/** A change of an effect from one status to its outcome. */
export interface Settlement {
  readonly id: number
  readonly epoch: number
  readonly from: 'processing' | 'unknown' | 'failed'
  /** The run whose stream tells of it, and the topmost one of that run's tree. */
  readonly runSeq: number
  readonly rootSeq: number
  readonly outcome: Exclude<EffectOutcome, { kind: 'retry' }>
  readonly at: number
}

/** `number` is free for the entry that tells of it, which the caller writes. */
export interface Settled {
  readonly number: number
  readonly commitSeq: number | null
  readonly attempt: number
  readonly recordLevel: number
}

interface Written {
  attempt: number
  record_level: number
}

/**
 * Writes outcomes into effect rows. Commits are numbered over a whole tree of runs by the entry that tells of them
 * in the root's stream: an effect of the root by its own entry, that of a child by a `child-committed` one.
 */
export class EffectOutcomes {
  readonly #entries: Entries
  readonly #succeed: SqliteStatement<Written>
  readonly #fail: SqliteStatement<Written>
  readonly #doubt: SqliteStatement<Written>

  constructor(database: SqliteDatabase) {
    this.#entries = new Entries(database)
    this.#succeed = database.prepare(SUCCEED)
    this.#fail = database.prepare(FAIL)
    this.#doubt = database.prepare(DOUBT)
  }

  /** Null if the row no longer has that epoch and status: then nothing was written. */
  settle(settlement: Settlement): Settled | null {
    const { outcome, runSeq, rootSeq } = settlement
    const number = this.#entries.count(runSeq) + 1
    if (outcome.kind !== 'succeeded') {
      const row = this.#settleOther(settlement)
      return row === undefined ? null : { number, commitSeq: null, ...toldBy(row) }
    }
    const commitSeq = runSeq === rootSeq ? number : this.#entries.count(rootSeq) + 1
    const { id, epoch, from, at } = settlement
    const kept = outcome.kept ? 1 : 0
    const { result, token = null, digest = null } = outcome
    const row = this.#succeed.get(kept, kept, commitSeq, at, result, token, digest, id, epoch, EFFECT_CODE[from])
    if (row === undefined) return null
    if (runSeq !== rootSeq) this.#entries.appendAnywhere(rootSeq, { kind: 'child-committed', effect: id, at })
    return { number, commitSeq, ...toldBy(row) }
  }

  #settleOther({ id, epoch, from, outcome, at }: Settlement): Written | undefined {
    if (outcome.kind === 'failed') {
      return this.#fail.get(CERTAINTY_CODE[outcome.certainty], at, outcome.error, id, epoch, EFFECT_CODE[from])
    }
    if (outcome.kind === 'unknown') return this.#doubt.get(at, outcome.error, id, epoch, EFFECT_CODE[from])
    return undefined
  }
}

function toldBy({ attempt, record_level: recordLevel }: Written): Pick<Settled, 'attempt' | 'recordLevel'> {
  return { attempt, recordLevel }
}

const SUCCEED = `UPDATE effect SET status = ${EFFECT_CODE.succeeded}, waiting_for = NULL, plain = plain AND ?, certainty = NULL,
  result_kept = ?, commit_seq = ?, ended_at = ?, result = ?, token = ?, result_digest = ?, error = NULL
  WHERE id = ? AND epoch = ? AND status = ? RETURNING attempt, record_level`

// A failure's caller gets an answer row: the key's next perform may find another outcome in this row.
const FAIL = `UPDATE effect SET status = ${EFFECT_CODE.failed}, waiting_for = NULL, plain = 0, certainty = ?, ended_at = ?, error = ?
  WHERE id = ? AND epoch = ? AND status = ? RETURNING attempt, record_level`

// Its caller may have been told an error, so whatever the row becomes is not the first perform's answer by itself.
const DOUBT = `UPDATE effect SET status = ${EFFECT_CODE.unknown}, waiting_for = NULL, plain = 0, unknown_of = epoch,
  certainty = ${CERTAINTY_CODE.in_doubt}, ended_at = ?, error = ? WHERE id = ? AND epoch = ? AND status = ? RETURNING attempt, record_level`
