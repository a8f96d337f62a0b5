import { crashPoint } from '../../util/crash-point.ts'
import type { ClaimCompensation, CompensationClaimed } from '../decision-verbs.ts'
import { EFFECT_CODE } from './codes.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { EffectFinder } from './effect-finder.ts'
import { type EffectRow, effectLease, storedLease, toEffect } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'

/** Decides who may undo an effect. */
export class CompensationClaims {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #finder: EffectFinder
  readonly #entries: Entries
  readonly #claim: SqliteStatement<Taken>
  readonly #takeOver: SqliteStatement<Taken>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#finder = new EffectFinder(database)
    this.#entries = new Entries(database)
    this.#claim = database.prepare(CLAIM)
    this.#takeOver = database.prepare(TAKE_OVER)
  }

  claimCompensation(claim: ClaimCompensation): CompensationClaimed {
    const refused = this.#fence.mayCompensate(claim.run)
    if (refused !== null) return refused
    const taken = this.#take(claim, this.#claim)
    return taken === undefined ? this.#answerOther(claim) : this.#claimed(claim, taken)
  }

  /** It has changed, or somebody is at it, or was when the process died: then it is done once more, under the same downstream key. */
  #answerOther(claim: ClaimCompensation): CompensationClaimed {
    const row = this.#finder.byId(claim.effect.id)
    if (row.status === EFFECT_CODE.compensating) {
      const lease = effectLease(row, this.#context.leases)
      if (!lease.expired) return { kind: 'busy', lease }
    }
    const taken = this.#take(claim, this.#takeOver)
    return taken === undefined ? { kind: 'lost', effect: toEffect(row) } : this.#claimed(claim, taken)
  }

  #take({ effect, leaseMs }: ClaimCompensation, statement: SqliteStatement<Taken>): Taken | undefined {
    const { connection, clock } = this.#context
    return statement.get(connection.owner.id, monotonicMs(clock), storedLease(leaseMs), effect.id, effect.epoch)
  }

  #claimed({ run, at }: ClaimCompensation, row: Taken): CompensationClaimed {
    const { id, run_seq: seq, tool, generation, undo_attempt: attempt, epoch } = row
    const body = entryBody({ tool, generation, attempt, epoch })
    const entry = { kind: 'compensation-claimed', effect: id, at, body } as const
    // The fence has just said that the run itself is being compensated.
    this.#entries.writeAnywhere(seq, this.#entries.count(seq) + 1, entry, seq === run.seq)
    crashPoint('in-compensation-claim-transaction')
    return { kind: 'claimed', id, epoch, attempt }
  }
}

type Taken = Pick<EffectRow, 'id' | 'run_seq' | 'tool' | 'generation' | 'undo_attempt' | 'epoch'>

const claimFrom = (...statuses: readonly number[]) => `UPDATE effect SET status = ${EFFECT_CODE.compensating},
  epoch = epoch + 1, owner = ?, leased_at = ?, lease_ms = ?, undo_attempt = undo_attempt + 1, undo_error = NULL
  WHERE id = ? AND epoch = ? AND status IN (${statuses.join(', ')})
  RETURNING id, run_seq, tool, generation, undo_attempt, epoch`
const CLAIM = claimFrom(EFFECT_CODE.succeeded, EFFECT_CODE.compensation_failed)
const TAKE_OVER = claimFrom(EFFECT_CODE.compensating)
