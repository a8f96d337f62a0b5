import type { ApprovalTerms, DecideApproval } from '../decision-verbs.ts'
import type { ApprovalRecord, EntryKind } from '../records.ts'
import { type ApprovalRow, isOver, toApproval } from './approval-rows.ts'
import { APPROVAL_CODE, APPROVAL_SOURCE_CODE, EFFECT_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { EffectFinder } from './effect-finder.ts'
import { type EffectRow, toEffect } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'
import { PARAMETER } from './sql.ts'
import { WITH_TREE } from './subtree-sql.ts'

/** Who said so, why and when. */
type Decider = Pick<DecideApproval, 'by' | 'reason' | 'at'>

/** The questions put to humans, each in step with the effect that waits for it. */
export class Approvals {
  readonly #finder: EffectFinder
  readonly #entries: Entries
  readonly #byEffect: SqliteStatement<ApprovalRow>
  readonly #ask: SqliteStatement
  readonly #carry: SqliteStatement
  readonly #approve: SqliteStatement
  readonly #makeReady: SqliteStatement
  readonly #keepOriginal: SqliteStatement
  readonly #setArgs: SqliteStatement
  readonly #refuse: SqliteStatement
  readonly #giveBack: SqliteStatement
  readonly #under: SqliteStatement<ApprovalRow>
  readonly #pendingUnder: SqliteStatement<ApprovalRow>

  constructor(database: SqliteDatabase) {
    this.#finder = new EffectFinder(database)
    this.#entries = new Entries(database)
    this.#byEffect = database.prepare(`${SELECT} WHERE a.effect = ${PARAMETER}`)
    this.#ask = database.prepare(ASK)
    this.#carry = database.prepare(CARRY)
    this.#approve = database.prepare(APPROVE)
    this.#makeReady = database.prepare(MAKE_READY)
    this.#keepOriginal = database.prepare(KEEP_ORIGINAL)
    this.#setArgs = database.prepare('UPDATE effect SET args = ?, args_digest = ? WHERE id = ?')
    this.#refuse = database.prepare(REFUSE)
    this.#giveBack = database.prepare(GIVE_BACK)
    this.#under = database.prepare(UNDER)
    this.#pendingUnder = database.prepare(PENDING_UNDER)
  }

  /** That of the effect's generation, if a human was ever asked about it. */
  of(effect: number): ApprovalRow | undefined {
    return this.#byEffect.get(effect)
  }

  /** That of an effect whose status says that there is one. */
  need(effect: number): ApprovalRow {
    const row = this.of(effect)
    if (row === undefined) throw new RangeError(`The ledger has no approval of effect ${effect}`)
    return row
  }

  /** As it is now. */
  record(effect: number): ApprovalRecord {
    return toApproval(this.need(effect), toEffect(this.#finder.byId(effect)))
  }

  /** Asks, or asks anew, in the name of a run; the effect's row says already that it waits. Returns the entry's number. */
  ask(effect: EffectRow, runSeq: number, terms: ApprovalTerms, prior: number | null, at: number): number {
    const { argsHash, reason, from, expiresAt } = terms
    this.#ask.run(effect.id, APPROVAL_SOURCE_CODE[from], prior, argsHash, at, expiresAt, reason, runSeq)
    const { tool, generation } = effect
    const body = entryBody({ tool, generation, reason, expiresAt, from })
    return this.#entries.appendAnywhere(runSeq, { kind: 'approval-requested', effect: effect.id, at, body })
  }

  /** The yes to an earlier generation is one to this generation too. */
  carry(from: ApprovalRow, effect: number, runSeq: number): void {
    this.#carry.run(effect, runSeq, from.effect)
  }

  /** Yes: the effect may be claimed once, with the edited arguments if there are any. */
  approve(row: ApprovalRow, effect: EffectRow, { by, reason, args, argsDigest, at }: DecideApproval): void {
    this.#changed(this.#approve.run(at, by, reason, effect.id, row.status), effect.id)
    this.#changed(this.#makeReady.run(effect.id, effect.status), effect.id)
    if (args !== null) {
      this.#keepOriginal.run(effect.id)
      this.#setArgs.run(args, argsDigest ?? null, effect.id)
    }
    const isEdited = args === null ? {} : { edited: true }
    const isOverruled = row.status === APPROVAL_CODE.denied ? { overruled: true } : {}
    this.#tell(row, 'approval-approved', at, { by, reason, ...isEdited, ...isOverruled })
  }

  /** No, of whatever kind: the effect is again what it was before it was asked about, and so are its arguments. */
  refuse(row: ApprovalRow, to: 'denied' | 'canceled', { by, reason, at }: Decider): void {
    this.#giveBackTo(row, to, at)
    this.#changed(this.#refuse.run(APPROVAL_CODE[to], at, by, reason, row.effect, row.status), row.effect)
    const isOverruled = to === 'denied' && row.status === APPROVAL_CODE.approved ? { overruled: true } : {}
    this.#tell(row, `approval-${to}`, at, { by, reason, ...isOverruled })
  }

  /** Nobody said anything in time. */
  expire(row: ApprovalRow, at: number): void {
    this.#giveBackTo(row, 'canceled', at)
    this.#changed(this.#refuse.run(APPROVAL_CODE.expired, null, null, null, row.effect, row.status), row.effect)
    this.#tell(row, 'approval-expired', at, {})
  }

  /**
   * Somebody knows what an effect came to whose outcome was in doubt when it was asked about: there is nothing left to
   * ask. Returns it as it is then; one that was never executed, so that nobody can know, stays as it is.
   */
  withdraw(effect: EffectRow, at: number): EffectRow {
    const row = this.need(effect.id)
    if (row.prior === null) return effect
    this.refuse(row, 'canceled', { by: null, reason: 'its outcome became known', at })
    return this.#finder.byId(effect.id)
  }

  /** The run that asked has gone on to its next attempt: what was approved in an earlier one, and not claimed, is over. */
  lapse(row: ApprovalRow, at: number): EffectRow {
    this.refuse(row, 'canceled', { by: null, reason: 'it was for an earlier attempt of its run', at })
    return this.#finder.byId(row.effect)
  }

  /** Cancels what is asked, or approved and not claimed, in the name of a run and of everything below it. */
  cancelUnder(runSeq: number, at: number): void {
    for (const row of this.#under.all(runSeq)) this.refuse(row, 'canceled', { by: null, reason: 'its run is over', at })
  }

  /** Ends those questions of a run, and of what is below it, that nobody answered in time; returns how many are still open. */
  expireUnder(runSeq: number, at: number): number {
    const pending = this.#pendingUnder.all(runSeq)
    const over = pending.filter((row) => isOver(row, at))
    for (const row of over) this.expire(row, at)
    return pending.length - over.length
  }

  #giveBackTo({ effect }: ApprovalRow, otherwise: 'denied' | 'canceled', at: number): void {
    this.#changed(this.#giveBack.run(EFFECT_CODE[otherwise], at, effect), effect)
  }

  #tell({ effect, run_seq: runSeq }: ApprovalRow, kind: EntryKind, at: number, facts: Record<string, unknown>): void {
    this.#entries.appendAnywhere(runSeq, { kind, effect, at, body: entryBody(facts) })
  }

  #changed({ changes }: { readonly changes: number }, effect: number): void {
    if (changes !== 1) throw new Error(`Effect ${effect} and its approval are out of step; nothing was decided.`)
  }
}

const COLUMNS = 'a.*, q.thread, q.attempt AS attempt_now'
const SELECT = `SELECT ${COLUMNS} FROM approval a JOIN run q ON q.seq = a.run_seq`

// Arguments that a human edited and that were executed stay those of the generation, whatever is asked about it later.
const ASK = `INSERT INTO approval (effect, run_seq, attempt, status, source, prior, args_hash, requested_at, expires_at, reason)
SELECT ?, seq, attempt, ${APPROVAL_CODE.pending}, ?, ?, ?, ?, ?, ? FROM run WHERE seq = ?
ON CONFLICT (effect) DO UPDATE SET run_seq = excluded.run_seq, attempt = excluded.attempt, status = excluded.status,
  source = excluded.source, edited = excluded.prior IS NOT NULL AND (edited = 1 OR original IS NOT NULL),
  prior = excluded.prior, args_hash = excluded.args_hash, requested_at = excluded.requested_at,
  expires_at = excluded.expires_at, reason = excluded.reason, decided_at = NULL, decided_by = NULL,
  decision_reason = NULL, original_digest = NULL, original = NULL`

const CARRY = `INSERT INTO approval (effect, run_seq, attempt, status, source, args_hash, requested_at, expires_at, decided_at,
  decided_by, reason, decision_reason, edited, original_digest, original)
SELECT ?, r.seq, r.attempt, a.status, a.source, a.args_hash, a.requested_at, a.expires_at, a.decided_at, a.decided_by,
  a.reason, a.decision_reason, a.edited, a.original_digest, a.original
FROM approval a JOIN run r ON r.seq = ${PARAMETER} WHERE a.effect = ${PARAMETER}`

// A no that is overruled after its run has gone on to its next attempt is a yes to that one.
const APPROVE = `UPDATE approval SET status = ${APPROVAL_CODE.approved}, decided_at = ?, decided_by = ?, decision_reason = ?,
  attempt = (SELECT r.attempt FROM run r WHERE r.seq = approval.run_seq) WHERE effect = ? AND status = ?`

const KEEP_ORIGINAL = `UPDATE approval SET original = f.args, original_digest = f.args_digest FROM effect f
  WHERE f.id = approval.effect AND approval.effect = ?`

// One that had a status before keeps what it came to then, for the case that the yes is taken back.
const MAKE_READY = `UPDATE effect SET status = ${EFFECT_CODE.ready},
  ended_at = iif(status = ${EFFECT_CODE.denied}, NULL, ended_at) WHERE id = ? AND status = ?`

const REFUSE = `UPDATE approval SET status = ?, decided_at = ?, decided_by = ?, decision_reason = ?, original_digest = NULL,
  original = NULL WHERE effect = ? AND status = ?`

// Whoever asked first may have been told no: if the effect executes after all, its row is not the answer they got.
const GIVE_BACK = `UPDATE effect SET status = coalesce(a.prior, ?), ended_at = coalesce(ended_at, ?),
  plain = plain AND a.prior IS NOT NULL, args = coalesce(a.original, args),
  args_digest = iif(a.original IS NULL, args_digest, a.original_digest)
  FROM approval a WHERE a.effect = effect.id AND effect.id = ?
    AND effect.status IN (${EFFECT_CODE.requires_approval}, ${EFFECT_CODE.ready})`

// CROSS keeps the order of the joins: from few runs to their approvals.
const SELECT_UNDER = `${WITH_TREE} SELECT ${COLUMNS} FROM tree t CROSS JOIN approval a ON a.run_seq = t.seq
  CROSS JOIN effect f ON f.id = a.effect JOIN run q ON q.seq = a.run_seq`

const UNDER = `${SELECT_UNDER}
  WHERE a.status = ${APPROVAL_CODE.pending} OR (a.status = ${APPROVAL_CODE.approved} AND f.status = ${EFFECT_CODE.ready})
  ORDER BY a.effect`

const PENDING_UNDER = `${SELECT_UNDER} WHERE a.status = ${APPROVAL_CODE.pending} ORDER BY a.effect`
