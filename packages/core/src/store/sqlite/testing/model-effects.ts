import {
  argsOf,
  type ClaimAction,
  ON_OTHER_ARGS,
  type OutcomeName,
  placeOf,
  type ResolveAction,
  resultOf,
  resultOfClaim,
  UNDO_OF,
} from './ledger-actions.ts'
import { editedOf, type ModelApprovals, type ModelTerms } from './model-approvals.ts'
import type { ModelCompensation } from './model-compensation.ts'
import { isAsked, isHeld, type ModelClaim, type ModelEffect, type ModelHandle, type ModelWorld } from './model-world.ts'

/** A claim, with what it is about. */
interface Wanted {
  readonly action: ClaimAction
  readonly handle: ModelHandle
  readonly place: string
  readonly terms: ModelTerms | null
}

/** Effects as section 5 of the design and the verbs of effects tell of them. */
export class ModelEffects {
  readonly #world: ModelWorld
  readonly #approvals: ModelApprovals
  readonly #compensation: ModelCompensation

  constructor(world: ModelWorld, approvals: ModelApprovals, compensation: ModelCompensation) {
    this.#compensation = compensation
    this.#world = world
    this.#approvals = approvals
  }

  claim(handle: ModelHandle, action: ClaimAction): string {
    const refused = this.#world.mayStart(handle)
    if (refused !== null) return refused
    const place = placeOf(handle.run, action.key)
    const wanted = { action, handle, place, terms: this.#approvals.terms(action.args, action.asksMs) }
    const newest = this.#world.newest(place)
    if (newest === undefined) return this.#claimNext(wanted, undefined)
    this.#approvals.expireIfOver(newest)
    this.#approvals.lapseIfFormer(newest, wanted.terms)
    if (isOver(newest)) return this.#claimNext(wanted, newest)
    return this.#isConflict(wanted, newest) ? 'conflict' : this.#answer(wanted, newest)
  }

  #isConflict({ action, terms }: Wanted, effect: ModelEffect): boolean {
    const { status, approval } = effect
    // A human answers about what was shown, so that arguments which are not must not be executed by that answer.
    if (isAsked(effect)) return approval?.variant !== action.args || this.#isRefused(action, effect)
    const mayRunAgain = status === 'unknown' || status === 'failed'
    const isAnswered = terms !== null || approval?.status === 'approved'
    return effect.variant !== action.args && (this.#isRefused(action, effect) || (mayRunAgain && isAnswered))
  }

  #isRefused({ key, args }: ClaimAction, { variant }: ModelEffect): boolean {
    return ON_OTHER_ARGS[key] === 'conflict' && variant !== args
  }

  #answer(wanted: Wanted, effect: ModelEffect): string {
    const { action, handle, terms } = wanted
    switch (effect.status) {
      case 'processing':
        if (this.#world.isLive(effect.lease)) return 'busy'
        this.#world.expire(effect)
        return 'unknown'
      case 'unknown':
      case 'denied':
        return effect.status
      case 'requires_approval':
        return 'awaiting_approval'
      case 'ready':
        return this.#claimAgain(wanted, effect)
      case 'failed':
        if (effect.attempt >= action.attempts) return this.#settled(action, effect) + this.#formerly(handle, effect)
        return this.#approvals.stop(effect, handle.run, terms) ?? this.#claimAgain(wanted, effect)
      default:
        return this.#settled(action, effect)
    }
  }

  #settled({ args }: ClaimAction, { variant }: ModelEffect): string {
    return args === variant ? 'settled' : 'settled: other arguments'
  }

  /** What a compensation has made a thing of the past is told as such to the run that did it. */
  #formerly({ run }: ModelHandle, effect: ModelEffect): string {
    return effect.run === run && effect.claimEntry <= this.#world.run(run).historyFrom ? ', formerly' : ''
  }

  #claimNext(wanted: Wanted, before: ModelEffect | undefined): string {
    const { handle, terms } = wanted
    const effect = this.#create(wanted, before)
    if (before !== undefined && isCarried(wanted, before) && this.#approvals.isYesNow(before))
      this.#approvals.carry(before, effect)
    else if (terms !== null) return this.#approvals.ask(effect, handle.run, terms, null)
    const lease = this.#leaseOf(wanted)
    Object.assign(effect, { status: 'processing', attempt: 1, lease })
    return this.#claimed(effect, handle, 'effect-claimed')
  }

  #create({ action, handle, place }: Wanted, before: ModelEffect | undefined): ModelEffect {
    const { key, args: variant, byHand, inside } = action
    const blank = { certainty: null, result: null, doubted: null, commit: null, commitSeq: null, lease: null } as const
    const effect: ModelEffect = {
      ...{ place, generation: (before?.generation ?? 0) + 1, status: 'requires_approval', attempt: 0 },
      ...{ epoch: (before?.epoch ?? 0) + 1, variant, args: argsOf(variant), run: handle.run, byHand, claimEntry: 0 },
      ...{ undo: UNDO_OF[key], undoAttempt: 0, undoError: null, approval: null, ...blank },
      outer: inside ? this.#world.bodyOf(handle, place) : null,
    }
    this.#world.effects.push(effect)
    return effect
  }

  /** The same generation once more: what the run executed before keeps its place in it. */
  #claimAgain(wanted: Wanted, effect: ModelEffect): string {
    const { action, handle, place } = wanted
    if (!this.#isPlacedIn(effect, handle)) {
      effect.outer = action.inside ? this.#world.bodyOf(handle, place) : null
      effect.claimEntry = 0
    }
    const { args: variant, byHand } = action
    const isEdited = editedOf(effect) !== ''
    Object.assign(effect, { byHand, variant, args: isEdited ? effect.args : argsOf(variant) })
    return this.#startAgain(effect, handle, this.#leaseOf(wanted), 'effect-claimed')
  }

  #isPlacedIn(effect: ModelEffect, { run }: ModelHandle): boolean {
    return effect.run === run && effect.attempt > 0 && effect.claimEntry > this.#world.run(run).historyFrom
  }

  #startAgain(effect: ModelEffect, handle: ModelHandle, lease: ModelEffect['lease'], entry: string): string {
    const next = { epoch: effect.epoch + 1, attempt: effect.attempt + 1, run: handle.run, lease }
    Object.assign(effect, { status: 'processing', certainty: null, doubted: null, ...next })
    return this.#claimed(effect, handle, entry)
  }

  #claimed(effect: ModelEffect, handle: ModelHandle, entry: string): string {
    this.#world.claims.push({ handle, effect, epoch: effect.epoch })
    const number = this.#world.tell(handle.run, entry, effect)
    if (effect.claimEntry === 0 || effect.attempt === 1) effect.claimEntry = number
    return `claimed: ${effect.generation}.${effect.attempt}, epoch ${effect.epoch}${editedOf(effect)}`
  }

  #leaseOf({ action, handle }: Wanted): ModelEffect['lease'] {
    return this.#world.lease(handle.owner, action.endless ? Number.POSITIVE_INFINITY : undefined)
  }

  commit(claim: ModelClaim, outcome: OutcomeName): string {
    const { effect, epoch, handle } = claim
    const isFenced = this.#world.mayEnd(handle) !== null
    const isMine = isHeld(claim, 'processing')
    if (outcome.startsWith('retry') && !isFenced) {
      if (!isMine) return this.#keepLate(claim)
      effect.attempt++
      this.#world.tell(handle.run, 'effect-retried', effect)
      return 'committed'
    }
    const final = finalOf(outcome)
    const result = outcome === 'succeeded' ? resultOfClaim(effect.place, effect.generation, epoch) : this.#result
    if (isMine) {
      this.#settle(effect, final, result, `effect-${final === 'succeeded' || final === 'unknown' ? final : 'failed'}`)
      return isFenced ? 'evidence' : 'committed'
    }
    const isRepeated = effect.status === 'succeeded' && effect.epoch === epoch && effect.result === result
    if (isRepeated && final === 'succeeded') return 'committed'
    const isInDoubt = effect.status === 'unknown' || (isAsked(effect) && effect.certainty === 'in_doubt')
    if (!isInDoubt || effect.doubted !== epoch || final === 'unknown') return this.#keepLate(claim)
    this.#approvals.withdraw(effect)
    this.#settle(effect, final, result, 'effect-evidence')
    return 'evidence'
  }

  #settle(effect: ModelEffect, final: FinalName, result: string, entry: string): void {
    if (final === 'succeeded') {
      this.#world.succeed(effect, result, entry)
      return
    }
    if (final === 'unknown') Object.assign(effect, { status: 'unknown', certainty: 'in_doubt', doubted: effect.epoch })
    else Object.assign(effect, { status: 'failed', certainty: final })
    this.#world.tell(effect.run, entry, effect)
  }

  #keepLate({ effect }: ModelClaim): string {
    this.#world.tell(effect.run, 'late-outcome', effect)
    return 'lost'
  }

  resolve(effect: ModelEffect, handle: ModelHandle, action: ResolveAction): string {
    const { resolution, stale, by } = action
    const refused = resolution === 'takeover' ? this.#world.mayStart(handle) : null
    if (refused !== null) return refused
    if (stale) return 'lost'
    if (resolution === 'compensated') return this.#compensation.settleByHand(effect)
    if (this.#isLeftBehind(effect, by)) this.#world.expire(effect)
    const isKnown = resolution === 'applied' || resolution === 'not_applied'
    if (isKnown && by !== 'policy') this.#approvals.withdraw(effect)
    // An assumption may be corrected by whoever knows better.
    const isAssumed = effect.status === 'failed' && effect.certainty === 'assumed'
    if (effect.status !== 'unknown' && !isAssumed) return 'lost'
    if (resolution === 'takeover') return this.#takeOver(effect, handle, action)
    if (resolution === 'applied') {
      this.#world.succeed(effect, this.#result, 'effect-resolved')
      return 'resolved'
    }
    if (resolution === 'not_applied') Object.assign(effect, { status: 'failed', certainty: 'not_applied' })
    this.#world.tell(effect.run, 'effect-resolved', effect)
    return 'resolved'
  }

  /** A human may decide also about one that nobody ever takes over, once its owner is gone. */
  #isLeftBehind({ status, lease }: ModelEffect, by: ResolveAction['by']): boolean {
    if (status !== 'processing' || lease === null) return false
    return !this.#world.isLive(lease) || (by === 'human' && !this.#world.isAlive(lease.owner))
  }

  #takeOver(effect: ModelEffect, handle: ModelHandle, { args, asksMs }: ResolveAction): string {
    const terms = this.#approvals.terms(args, asksMs)
    const { approval, variant } = effect
    const shown = approval?.status === 'approved' ? approval.variant : variant
    if (terms !== null && terms.variant !== shown) return 'lost'
    const stopped = this.#approvals.stop(effect, handle.run, terms)
    if (stopped !== null) return stopped
    if (!this.#isPlacedIn(effect, handle)) effect.claimEntry = 0
    return this.#startAgain(effect, handle, this.#world.lease(handle.owner), 'effect-taken-over')
  }

  /** Another one for each action, so that it tells who wrote it. */
  get #result(): string {
    return resultOf(this.#world.actions)
  }
}

type FinalName = 'succeeded' | 'not_applied' | 'assumed' | 'unknown'

/** What is left to say of an attempt that wanted another one and may not have it. */
function finalOf(outcome: OutcomeName): FinalName {
  if (outcome === 'retry after assumed') return 'assumed'
  if (outcome === 'succeeded otherwise') return 'succeeded'
  return outcome === 'retry after doubt' ? 'unknown' : outcome
}

/** It is known to have had no effect, or to have been undone. */
function isOver({ status, certainty }: ModelEffect): boolean {
  return status === 'canceled' || status === 'compensated' || (status === 'failed' && certainty === 'not_applied')
}

function isCarried({ action }: Wanted, { status, approval }: ModelEffect): boolean {
  return action.carries && status === 'failed' && approval?.status === 'approved' && approval.variant === action.args
}
