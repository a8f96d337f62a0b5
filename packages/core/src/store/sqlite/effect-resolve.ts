import { crashPoint } from '../../util/crash-point.ts'
import type { Claimed, EffectResolved, Resolution, ResolveEffect } from '../effect-verbs.ts'
import { ApprovalGate, isAsked } from './approval-gate.ts'
import { Approvals } from './approvals.ts'
import { CERTAINTY_CODE, EFFECT_CODE } from './codes.ts'
import { CompensationCommits } from './compensation-commit.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { EffectExpiry } from './effect-expiry.ts'
import { EffectFinder } from './effect-finder.ts'
import { EffectOutcomes } from './effect-outcomes.ts'
import { type EffectRow, effectLease, storedLease, toEffect } from './effect-rows.ts'
import { claimBody, claimedAgain } from './effect-starts.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'
import { runUserCommit } from './user-commit.ts'

type Takeover = Extract<Resolution, { kind: 'takeover' }>
type Decision = Exclude<Resolution, { kind: 'takeover' | 'compensated' }>

/** Ends an unknown effect's doubt: by running it again, or by what a hook or a human says. */
export class EffectResolutions {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #finder: EffectFinder
  readonly #expiry: EffectExpiry
  readonly #outcomes: EffectOutcomes
  readonly #approvals: Approvals
  readonly #gate: ApprovalGate
  readonly #dropped: DroppedBodies
  readonly #compensations: CompensationCommits
  readonly #entries: Entries
  readonly #runAgainAs: SqliteStatement
  readonly #deny: SqliteStatement
  readonly #rootOf: SqliteStatement<{ root_seq: number }>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#finder = new EffectFinder(database)
    this.#expiry = new EffectExpiry(database)
    this.#outcomes = new EffectOutcomes(database)
    this.#approvals = new Approvals(database)
    this.#gate = new ApprovalGate(database)
    this.#dropped = new DroppedBodies(database)
    this.#compensations = new CompensationCommits(database)
    this.#entries = new Entries(database)
    this.#runAgainAs = database.prepare(TAKE_OVER)
    this.#deny = database.prepare(NOT_APPLIED)
    this.#rootOf = database.prepare('SELECT root_seq FROM run WHERE seq = ?')
  }

  resolveEffect(resolve: ResolveEffect): EffectResolved {
    const { resolution } = resolve
    const refused = resolution.kind === 'takeover' ? this.#fence.mayStart(resolution.run) : null
    if (refused !== null) return refused
    const found = this.#finder.byId(resolve.id)
    if (found.epoch !== resolve.epoch) return { kind: 'lost', effect: toEffect(found) }
    if (resolution.kind === 'compensated') {
      const isSettled = this.#compensations.settleByHand(found, resolve.note, resolve.at)
      return { kind: isSettled ? 'resolved' : 'lost', effect: toEffect(this.#finder.byId(found.id)) }
    }
    const row = this.#openQuestion(found, resolve)
    if (!isOpenQuestion(row)) return { kind: 'lost', effect: toEffect(row) }
    if (resolution.kind === 'takeover') return this.#takeOver(resolve, resolution, row)
    const number = this.#decide(resolve, resolution, row)
    const body = entryBody({ decision: resolution.kind, by: resolve.by, attempt: row.attempt }, 'note', resolve.note)
    this.#entries.writeAnywhere(
      row.run_seq,
      number,
      { kind: 'effect-resolved', effect: row.id, at: resolve.at, body },
      false,
    )
    if (resolve.userCommit && resolution.kind === 'applied') runUserCommit(this.#context.database, resolve.userCommit)
    this.#dropped.dropLate(row, resolve.at)
    crashPoint('in-resolve-transaction')
    return { kind: 'resolved', effect: toEffect(this.#finder.byId(row.id)) }
  }

  /**
   * The row, in so far as it is one whose outcome nobody knows: left behind by its owner, or hidden by the question
   * whether it may run again, which is idle once somebody knows what it came to.
   */
  #openQuestion(row: EffectRow, { resolution, by, at }: ResolveEffect): EffectRow {
    if (this.#isLeftBehind(row, by)) return this.#expiry.expire(row, at)
    const isKnown = by !== 'policy' && (resolution.kind === 'applied' || resolution.kind === 'not_applied')
    return isKnown && isAsked(row) ? this.#approvals.withdraw(row, at) : row
  }

  /**
   * Nobody has come to it since its owner went: it is as unknown as one that somebody has. One that is never taken over
   * is left for a human to decide about.
   */
  #isLeftBehind(row: EffectRow, by: ResolveEffect['by']): boolean {
    if (row.status !== EFFECT_CODE.processing) return false
    const { leases } = this.#context
    return effectLease(row, leases).expired || (by === 'human' && leases.isOwnerDead(row.owner ?? 0))
  }

  #takeOver(resolve: ResolveEffect, takeover: Takeover, row: EffectRow): EffectResolved {
    const { run, approval: terms } = takeover
    // What a claim answers to other arguments: whoever lost claims anew and gets it.
    if (this.#gate.isAboutOther(terms, row)) return { kind: 'lost', effect: toEffect(row) }
    const stopped = this.#gate.stop(row, { runSeq: run.seq, terms, at: resolve.at })
    return stopped ?? this.#runAgain(resolve, takeover, row)
  }

  #runAgain({ at }: ResolveEffect, { run, leaseMs }: Takeover, row: EffectRow): Claimed {
    const number = this.#entries.count(run.seq) + 1
    const leasedAt = monotonicMs(this.#context.clock)
    const isSameRun = row.run_seq === run.seq && row.claim_entry > row.history_from
    this.#runAgainAs.run(
      this.#context.connection.owner.id,
      leasedAt,
      storedLease(leaseMs),
      run.seq,
      isSameRun ? null : number,
      at,
      row.id,
      row.epoch,
      row.status,
    )
    const claimed = claimedAgain(row, this.#gate.editedArgs(row))
    const body = claimBody(row.tool, claimed)
    this.#entries.write(run.seq, number, { kind: 'effect-taken-over', effect: row.id, at, body })
    crashPoint('in-resolve-transaction')
    return claimed
  }

  /** Changes the row as decided; returns the number of the entry that is to tell of it. */
  #decide({ at }: ResolveEffect, decision: Decision, row: EffectRow): number {
    const { id, epoch, run_seq: runSeq } = row
    if (decision.kind === 'applied') {
      const rootSeq = this.#rootOf.get(runSeq)?.root_seq ?? runSeq
      const outcome = { ...decision, kind: 'succeeded' } as const
      const settled = this.#outcomes.settle({
        id,
        epoch,
        from: row.status === EFFECT_CODE.failed ? 'failed' : 'unknown',
        runSeq,
        rootSeq,
        outcome,
        at,
      })
      if (settled === null) throw new Error(`Effect ${id} changed inside a transaction of its own`)
      return settled.number
    }
    if (decision.kind === 'not_applied') this.#deny.run(at, id, epoch, row.status)
    return this.#entries.count(runSeq) + 1
  }
}

/** Unknown, or failed in a way that does not say that it had no effect. */
function isOpenQuestion({ status, certainty }: EffectRow): boolean {
  return status === EFFECT_CODE.unknown || (status === EFFECT_CODE.failed && certainty === CERTAINTY_CODE.assumed)
}

const TAKE_OVER = `UPDATE effect SET status = ${EFFECT_CODE.processing}, epoch = epoch + 1, attempt = attempt + 1, owner = ?,
  leased_at = ?, lease_ms = ?, run_seq = ?, claim_entry = coalesce(?, claim_entry), claimed_at = ?, ended_at = NULL,
  certainty = NULL, error = NULL, unknown_of = NULL
  WHERE id = ? AND epoch = ? AND status = ?`

// The error of the attempt stays: it is what its caller was told. The next perform starts a new generation.
const NOT_APPLIED = `UPDATE effect SET status = ${EFFECT_CODE.failed}, certainty = ${CERTAINTY_CODE.not_applied}, plain = 0, ended_at = ?
  WHERE id = ? AND epoch = ? AND status = ?`
