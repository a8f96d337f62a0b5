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
  readonly #claim: SqliteStatement<{ undo_attempt: number }>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#finder = new EffectFinder(database)
    this.#entries = new Entries(database)
    this.#claim = database.prepare(CLAIM)
  }

  claimCompensation(claim: ClaimCompensation): CompensationClaimed {
    const refused = this.#fence.mayCompensate(claim.run)
    if (refused !== null) return refused
    const row = this.#finder.byId(claim.effect.id)
    if (row.status === EFFECT_CODE.compensating) {
      const lease = effectLease(row, this.#context.leases)
      if (!lease.expired) return { kind: 'busy', lease }
    }
    const isLost = row.epoch !== claim.effect.epoch || !CLAIMABLE.includes(row.status)
    return isLost ? { kind: 'lost', effect: toEffect(row) } : this.#take(claim, row)
  }

  #take({ leaseMs, at }: ClaimCompensation, row: EffectRow): CompensationClaimed {
    const { connection, clock } = this.#context
    const lease = [connection.owner.id, monotonicMs(clock), storedLease(leaseMs)] as const
    const attempt = this.#claim.get(...lease, row.id, row.epoch, row.status)?.undo_attempt
    if (attempt === undefined) throw new Error(`Effect ${row.id} changed inside a transaction of its own`)
    const epoch = row.epoch + 1
    const body = entryBody({ tool: row.tool, generation: row.generation, attempt, epoch })
    this.#entries.appendAnywhere(row.run_seq, { kind: 'compensation-claimed', effect: row.id, at, body })
    crashPoint('in-compensation-claim-transaction')
    return { kind: 'claimed', id: row.id, epoch, attempt }
  }
}

const CLAIMABLE: readonly number[] = [
  EFFECT_CODE.succeeded,
  EFFECT_CODE.compensation_failed,
  // Left behind: it is done once more, under the same downstream key.
  EFFECT_CODE.compensating,
]

const CLAIM = `UPDATE effect SET status = ${EFFECT_CODE.compensating}, epoch = epoch + 1, owner = ?, leased_at = ?, lease_ms = ?,
  undo_attempt = undo_attempt + 1, undo_error = NULL WHERE id = ? AND epoch = ? AND status = ? RETURNING undo_attempt`
