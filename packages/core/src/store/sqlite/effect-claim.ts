import { assertNever } from '../../util/assert-never.ts'
import { crashPoint } from '../../util/crash-point.ts'
import type { ClaimEffect, Claimed, EffectClaimed } from '../effect-verbs.ts'
import { CERTAINTY_CODE, EFFECT_CODE, effectStatus, RECORD_LEVEL_CODE, UNDO_CODE } from './codes.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { EffectExpiry } from './effect-expiry.ts'
import { EffectFinder } from './effect-finder.ts'
import { type EffectRow, effectLease, storedLease, toEffect } from './effect-rows.ts'
import { EffectWaits } from './effect-waits.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'
import { Scopes } from './scopes.ts'

/** Decides who may run an effect's body. */
export class EffectClaims {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #scopes: Scopes
  readonly #finder: EffectFinder
  readonly #expiry: EffectExpiry
  readonly #waits: EffectWaits
  readonly #entries: Entries
  readonly #insert: SqliteStatement
  readonly #again: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#scopes = new Scopes(database)
    this.#finder = new EffectFinder(database)
    this.#expiry = new EffectExpiry(database)
    this.#waits = new EffectWaits(database)
    this.#entries = new Entries(database)
    this.#insert = database.prepare(INSERT)
    this.#again = database.prepare(AGAIN)
  }

  claimEffect(claim: ClaimEffect): EffectClaimed {
    const refused = this.#fence.mayStart(claim.run)
    if (refused !== null) return refused
    const { run, owner } = claim
    const ownerSeq = owner.kind === 'run' ? run.seq : this.#scopes.findOrCreate(owner.name, claim.at)
    const newest = this.#finder.newest(ownerSeq, claim.keys)
    if (newest === undefined)
      return this.#claimNext(claim, ownerSeq, { key: claim.keys[0] as Buffer, generation: 1, epoch: 1 })
    if (startsNextGeneration(newest)) return this.#claimNext(claim, ownerSeq, nextLife(newest))
    const differs = argsDiffer(newest, claim)
    if (differs && claim.onOtherArgs === 'conflict') return { kind: 'conflict', effect: toEffect(newest) }
    return this.#answer(claim, newest, differs)
  }

  /** What the newest generation, which is not over, says to one more caller. */
  #answer(claim: ClaimEffect, row: EffectRow, differs: boolean): EffectClaimed {
    const status = effectStatus(row.status)
    switch (status) {
      case 'processing':
        return this.#busyOrUnknown(claim, row)
      case 'unknown':
        return { kind: 'unknown', effect: toEffect(row) }
      case 'failed':
        if (row.attempt < claim.attempts) return this.#claimAgain(claim, row)
        return { kind: 'settled', effect: toEffect(row), argsDiffer: differs }
      case 'requires_approval':
      case 'ready':
        return { kind: 'awaiting_approval', effect: toEffect(row) }
      case 'denied':
        return { kind: 'denied', effect: toEffect(row) }
      case 'succeeded':
      case 'canceled':
      case 'compensating':
      case 'compensated':
      case 'compensation_failed':
        return { kind: 'settled', effect: toEffect(row), argsDiffer: differs }
      default:
        return assertNever(status)
    }
  }

  /** Never refreshes the lease: a duplicate says nothing about its owner. */
  #busyOrUnknown(claim: ClaimEffect, row: EffectRow): EffectClaimed {
    const lease = effectLease(row, this.#context.leases)
    if (lease.expired) return { kind: 'unknown', effect: toEffect(this.#expiry.expire(row, claim.at)) }
    const { parentEffect } = claim
    const waiter = this.#waits.waiterOf(parentEffect, claim.run.seq)
    // Only a wait that its caller can end again, by the effect it passed, may be recorded.
    const willWait = claim.willWait && parentEffect !== null
    const cycle = waiter !== null && this.#waits.closesCycle(waiter, row.id, willWait)
    return { kind: 'busy', effect: toEffect(row), lease, cycle }
  }

  #claimNext(claim: ClaimEffect, ownerSeq: number, { key, generation, epoch }: Life): Claimed {
    const { run, at } = claim
    const number = this.#entries.count(run.seq) + 1
    // The row itself answers the first perform of its key; later generations have answer rows.
    const isPlain = generation === 1 && claim.owner.kind === 'run'
    const inserted = this.#insert.run(
      ownerSeq,
      key,
      generation,
      run.seq,
      claim.tool,
      epoch,
      this.#context.connection.owner.id,
      monotonicMs(this.#context.clock),
      storedLease(claim.leaseMs),
      claim.lane,
      claim.parentEffect,
      claim.callerKeyed ? 1 : 0,
      isPlain ? 1 : 0,
      claim.callsSeen,
      claim.argsHash,
      at,
      at,
      number,
      ...natureOf(claim),
      claim.args,
    )
    const id = Number(inserted.lastInsertRowid)
    const fresh = { epoch, attempt: 1, plain: isPlain, firstAt: at }
    const claimed: Claimed = { kind: 'claimed', id, ownerSeq, key, generation, ...fresh }
    this.#entries.write(run.seq, number, {
      kind: 'effect-claimed',
      effect: id,
      at,
      body: claimBody(claim.tool, claimed),
    })
    crashPoint('in-claim-transaction')
    return claimed
  }

  /** The same generation once more: its last attempt failed, and the tool is declared safe to repeat. */
  #claimAgain(claim: ClaimEffect, row: EffectRow): Claimed {
    const { run, at } = claim
    const number = this.#entries.count(run.seq) + 1
    const isSameRun = row.run_seq === run.seq
    const claimed = claimedAgain(row)
    this.#again.run(
      this.#context.connection.owner.id,
      monotonicMs(this.#context.clock),
      storedLease(claim.leaseMs),
      run.seq,
      // A run's own effect keeps its place in the run's history; one of a scope moves to the run that has it now.
      isSameRun ? row.lane : claim.lane,
      isSameRun ? null : claim.callsSeen,
      isSameRun ? null : number,
      isSameRun ? row.parent_effect : claim.parentEffect,
      ...natureOf(claim),
      claim.args,
      claim.argsHash,
      at,
      row.id,
      row.epoch,
    )
    this.#entries.write(run.seq, number, {
      kind: 'effect-claimed',
      effect: row.id,
      at,
      body: claimBody(row.tool, claimed),
    })
    crashPoint('in-claim-transaction')
    return claimed
  }
}

const INSERT = `INSERT INTO effect (owner_seq, key, generation, run_seq, tool, status, epoch, attempt, owner, leased_at, lease_ms,
  lane, parent_effect, caller_keyed, plain, calls_seen, args_hash, first_at, claimed_at, claim_entry,
  by_hand, undo, saga_group, record_level, args_digest, args)
VALUES (?, ?, ?, ?, ?, ${EFFECT_CODE.processing}, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const AGAIN = `UPDATE effect SET status = ${EFFECT_CODE.processing}, epoch = epoch + 1, attempt = attempt + 1, owner = ?,
  leased_at = ?, lease_ms = ?, run_seq = ?, lane = ?, calls_seen = coalesce(?, calls_seen),
  claim_entry = coalesce(?, claim_entry), parent_effect = ?,
  by_hand = ?, undo = ?, saga_group = ?, record_level = ?, args_digest = ?, args = ?, args_hash = ?, claimed_at = ?,
  ended_at = NULL, certainty = NULL, error = NULL, unknown_of = NULL
  WHERE id = ? AND epoch = ? AND status = ${EFFECT_CODE.failed}`

/** What a new row is: the epochs go on, so that whoever holds one of an earlier generation cannot settle this one. */
type Life = Pick<Claimed, 'key' | 'generation' | 'epoch'>

function nextLife({ key, generation, epoch }: EffectRow): Life {
  return { key, generation: generation + 1, epoch: epoch + 1 }
}

/**
 * Whether the last life is known to be over without effect. A compensated one starts its next generation only in a
 * later attempt of the run, which comes with compensation.
 */
function startsNextGeneration(row: EffectRow): boolean {
  if (row.status === EFFECT_CODE.canceled) return true
  return row.status === EFFECT_CODE.failed && row.certainty === CERTAINTY_CODE.not_applied
}

type NatureColumns = [byHand: number, undo: number, group: number | null, level: number, digest: Buffer | null]

/** What its tool is like, in the columns from `by_hand` to `args_digest`. */
function natureOf({ byHand, undo, group, recordLevel, argsDigest }: ClaimEffect): NatureColumns {
  const codes = [UNDO_CODE[undo ?? 'none'], group ?? null, RECORD_LEVEL_CODE[recordLevel ?? 'full']] as const
  return [byHand === true ? 1 : 0, ...codes, argsDigest ?? null]
}

function argsDiffer(row: EffectRow, claim: ClaimEffect): boolean {
  return row.args_hash !== null && claim.argsHash !== null && !row.args_hash.equals(claim.argsHash)
}

/** The right to run the same generation once more. */
export function claimedAgain(row: EffectRow): Claimed {
  return {
    kind: 'claimed',
    id: row.id,
    ownerSeq: row.owner_seq,
    key: row.key,
    epoch: row.epoch + 1,
    generation: row.generation,
    attempt: row.attempt + 1,
    plain: row.plain === 1,
    firstAt: row.first_at,
  }
}

/** What an entry about a claim or a takeover says. */
export function claimBody(tool: string, { generation, attempt, epoch }: Claimed): string {
  return entryBody({ tool, generation, attempt, epoch })
}
