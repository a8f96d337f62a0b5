import { assertNever } from '../../util/assert-never.ts'
import type { AwaitsDecision, ClaimEffect, Claimed, EffectClaimed } from '../effect-verbs.ts'
import type { Limited } from '../limit-records.ts'
import { ApprovalGate } from './approval-gate.ts'
import { CERTAINTY_CODE, EFFECT_CODE, effectStatus } from './codes.ts'
import type { VerbContext } from './context.ts'
import { EffectExpiry } from './effect-expiry.ts'
import { EffectFinder } from './effect-finder.ts'
import { EffectLimits } from './effect-limits.ts'
import { type EffectRow, effectLease, toEffect } from './effect-rows.ts'
import { EffectStarts, type Life } from './effect-starts.ts'
import { EffectWaits } from './effect-waits.ts'
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
  readonly #starts: EffectStarts
  readonly #gate: ApprovalGate
  readonly #limits: EffectLimits

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#scopes = new Scopes(database)
    this.#finder = new EffectFinder(database)
    this.#expiry = new EffectExpiry(database)
    this.#waits = new EffectWaits(database)
    this.#starts = new EffectStarts(context)
    this.#gate = new ApprovalGate(database)
    this.#limits = new EffectLimits(context)
  }

  claimEffect(claim: ClaimEffect): EffectClaimed {
    const refused = this.#fence.mayStart(claim.run)
    if (refused !== null) return refused
    const ownerSeq = this.#scopes.ownerSeq(claim.owner, claim.run.seq)
    const newest = ownerSeq === null ? undefined : this.#finder.newest(ownerSeq, claim.keys)
    return newest === undefined ? this.#start(claim, null) : this.#answer(claim, newest)
  }

  /** What the newest generation says to one more caller. */
  #answer(claim: ClaimEffect, newest: EffectRow): EffectClaimed {
    const row = this.#gate.withoutOverdue(newest, claim)
    if (startsNextGeneration(row)) return this.#start(claim, row)
    const argsDiffer = differ(row, claim)
    const isConflict = argsDiffer && claim.onOtherArgs === 'conflict'
    if (isConflict || this.#gate.isOther(claim, row, argsDiffer)) return { kind: 'conflict', effect: toEffect(row) }
    const status = effectStatus(row.status)
    switch (status) {
      case 'processing':
        return this.#busyOrUnknown(claim, row)
      case 'unknown':
        return { kind: 'unknown', effect: toEffect(row) }
      case 'failed':
        if (row.attempt < claim.attempts) return this.#startAgain(claim, row)
        return { kind: 'settled', effect: toEffect(row), argsDiffer, former: isFormer(row, claim) }
      case 'requires_approval':
        return this.#gate.awaiting(row.id)
      case 'ready':
        return this.#startApproved(claim, row)
      case 'denied':
        return this.#gate.denied(row.id)
      case 'succeeded':
      case 'canceled':
      case 'compensating':
      case 'compensation_failed':
      case 'compensated':
        return { kind: 'settled', effect: toEffect(row), argsDiffer }
      default:
        return assertNever(status)
    }
  }

  /** A generation of its own, after one that is over, if there was any. Nothing is written where a limit is against it. */
  #start(claim: ClaimEffect, before: EffectRow | null): Claimed | AwaitsDecision | Limited {
    const { run, at } = claim
    const carried = before === null ? null : this.#gate.carried(claim, before)
    const terms = carried === null ? (claim.approval ?? null) : null
    const limited = terms === null ? this.#limits.admit(claim) : this.#limits.foresee(claim)
    if (limited !== null) return limited
    const life = before === null ? this.#firstLife(claim) : nextLife(before)
    if (terms !== null) {
      const row = this.#finder.byId(this.#starts.waiting(claim, life))
      return this.#gate.ask(row, null, { runSeq: run.seq, terms, at })
    }
    const claimed = this.#starts.first(claim, life, carried?.edited ?? null)
    if (carried !== null) this.#gate.carry(carried, claimed.id, run.seq)
    return claimed
  }

  #firstLife({ owner, run, keys, at }: ClaimEffect): Life {
    const ownerSeq = owner.kind === 'run' ? run.seq : this.#scopes.findOrCreate(owner.name, at)
    return { ownerSeq, key: keys[0] as Buffer, generation: 1, epoch: 1 }
  }

  /** A question was no effect yet: its generation begins with the yes, unless it had begun before somebody was asked. */
  #startApproved(claim: ClaimEffect, row: EffectRow): Claimed | Limited {
    const limited = row.attempt === 0 ? this.#limits.admit(claim) : null
    return limited ?? this.#starts.again(claim, row, this.#gate.editedArgs(row))
  }

  /** The same generation once more: its last attempt failed, and the tool is declared safe to repeat. */
  #startAgain(claim: ClaimEffect, row: EffectRow): Claimed | AwaitsDecision {
    const { run, approval: terms, at } = claim
    const stopped = this.#gate.stop(row, { runSeq: run.seq, terms, at })
    return stopped ?? this.#starts.again(claim, row, this.#gate.editedArgs(row))
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
}

function nextLife({ owner_seq: ownerSeq, key, generation, epoch }: EffectRow): Life {
  return { ownerSeq, key, generation: generation + 1, epoch: epoch + 1 }
}

/**
 * Whether the last life is known to be over without effect: it never had one, or it was compensated. The attempt of a run
 * that was compensated cannot come here any more: it may start nothing.
 */
function startsNextGeneration(row: EffectRow): boolean {
  if (row.status === EFFECT_CODE.canceled || row.status === EFFECT_CODE.compensated) return true
  return row.status === EFFECT_CODE.failed && row.certainty === CERTAINTY_CODE.not_applied
}

/** What an attempt of the same run did that was compensated as a whole: the history of this one begins after it. */
function isFormer(row: EffectRow, { run }: ClaimEffect): boolean {
  return row.run_seq === run.seq && row.claim_entry <= row.history_from
}

function differ(row: EffectRow, claim: ClaimEffect): boolean {
  return row.args_hash !== null && claim.argsHash !== null && !row.args_hash.equals(claim.argsHash)
}
