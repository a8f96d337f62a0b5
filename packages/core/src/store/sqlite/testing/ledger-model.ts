import { type Action, type EffectAction, type OpenUndoAction, recent } from './ledger-actions.ts'
import type { EffectState, LedgerState } from './ledger-state.ts'
import { ModelAim } from './model-aim.ts'
import { ModelApprovals } from './model-approvals.ts'
import { ModelCompensation } from './model-compensation.ts'
import { ModelEffects } from './model-effects.ts'
import { ModelRuns } from './model-runs.ts'
import {
  isHeld,
  labelOf,
  type ModelApproval,
  type ModelClaim,
  type ModelEffect,
  type ModelHandle,
  ModelWorld,
} from './model-world.ts'

/**
 * The state machines of runs, effects, approvals and compensations as the design and the store's contract tell them.
 * Written from the texts alone.
 */
export class LedgerModel {
  readonly #world = new ModelWorld()
  readonly #approvals = new ModelApprovals(this.#world)
  readonly #compensation = new ModelCompensation(this.#world, this.#approvals)
  readonly #aim = new ModelAim(this.#world, this.#compensation)
  readonly #effects = new ModelEffects(this.#world, this.#approvals, this.#compensation)
  readonly #runs = new ModelRuns(this.#world, this.#approvals, this.#compensation)

  /** Whether somebody who is there could want it at all. */
  mayApply(action: Action): boolean {
    const { handles, claims, effects, undoings } = this.#world
    if ('claim' in action && (claims.length === 0 || !this.#isThere(this.#claim(action.claim).handle))) return false
    if ('within' in action && action.within !== null && handles.length === 0) return false
    if ('undoing' in action && (undoings.length === 0 || !this.#isThere(this.#undoing(action.undoing).handle)))
      return false
    if ('effect' in action && effects.length === 0) return false
    if ('handle' in action && (handles.length === 0 || !this.#isThere(this.#handle(action.handle)))) return false
    switch (action.kind) {
      case 'open':
        return action.run !== 'leaf'
      case 'open-child':
        return (
          handles.length > 0 && this.#isThere(this.#handle(action.parent)) && this.#handle(action.parent).run !== 'leaf'
        )
      case 'resolve':
        return action.resolution !== 'takeover' || this.#mayTakeOver(action.effect, action.handle)
      case 'undo':
        return this.#compensation.mayBeAsked(this.#handle(action.handle), this.#effect(action.effect))
      case 'read-undo':
        return this.#world.runs.has(action.run)
      default:
        return true
    }
  }

  /** Does it, and says in a word or two what the ledger answers. */
  apply(action: Action): string {
    this.#world.actions++
    this.#world.now++
    switch (action.kind) {
      case 'open':
        return this.#runs.open(this.#world.owner(action.owner), action.run, action.retry)
      case 'open-child':
        return this.#runs.openChild(this.#handle(action.parent), action.retry, action.inside)
      case 'close':
        return this.#runs.close(this.#handle(action.handle), action.to)
      case 'halt':
        return this.#runs.halt(this.#handle(action.handle))
      case 'cancel':
        return this.#runs.cancel(action.run)
      case 'renew':
        return this.#runs.renew(this.#world.owner(action.owner))
      case 'check':
        return this.#world.mayStart(this.#handle(action.handle)) ?? 'open'
      case 'sweep':
        return this.#runs.sweep()
      case 'tail':
        return 'told'
      case 'die':
        this.#world.die(action.owner)
        this.#world.beat(this.#world.owner(action.owner))
        return 'died'
      case 'advance':
        this.#world.now += action.ms
        return 'time passed'
      default:
        return this.#applyToEffect(action)
    }
  }

  #applyToEffect(action: EffectAction): string {
    switch (action.kind) {
      case 'claim':
        return this.#effects.claim(this.#handle(action.handle), action)
      case 'commit':
        return this.#effects.commit(this.#claim(action.claim), action.outcome)
      case 'resolve':
        return this.#effects.resolve(this.#effect(action.effect), this.#handle(action.handle), action)
      case 'request': {
        const terms = this.#approvals.terms(action.args, action.asksMs)
        return terms === null ? 'nothing asked' : this.#approvals.request(this.#effect(action.effect), terms)
      }
      case 'decide':
        return this.#approvals.decide(this.#effect(action.effect), action)
      case 'open-undo':
        return this.#openUndo(action)
      case 'read-undo':
        return this.#compensation.read(action.run)
      case 'undo-next':
        return this.#compensation.next(this.#handle(action.handle))
      case 'undo':
        return this.#compensation.claim(this.#handle(action.handle), this.#effect(action.effect), action.stale)
      case 'commit-undo':
        return this.#compensation.commit(this.#undoing(action.undoing), action.outcome)
      case 'finish':
        return this.#compensation.finish(this.#handle(action.handle), action.to, action.listed)
    }
  }

  #openUndo({ owner, run, which, within }: OpenUndoAction): string {
    return this.#compensation.open(this.#world.owner(owner), run, which, within === null ? null : this.#handle(within))
  }

  get state(): LedgerState {
    const runs = [...this.#world.runs.values()].map((run) => {
      const { name, status, epoch, attempt, halted, lease, parent, entries } = run
      const isActedFor = status === 'running' || status === 'closing' || status === 'compensating'
      const dead = isActedFor && !this.#world.isLive(lease)
      return [name, { status, epoch, attempt, halted, dead, parent, entries: [...entries] }] as const
    })
    const places = Map.groupBy(this.#world.effects, ({ place }) => place)
    const effects = [...places].map(([place, rows]) => [place, rows.map(visible)] as const)
    return { runs: Object.fromEntries(runs), effects: Object.fromEntries(effects) }
  }

  aim(action: Action): Action {
    return this.#aim.at(action)
  }

  /** What the driver of the compensation that was begun last does next, if there is one. */
  compensating(): Extract<Action, { kind: 'undo-next' }> | undefined {
    const { handles } = this.#world
    const index = handles.findLastIndex((one) => this.#isThere(one) && this.#world.mayCompensate(one) === null)
    return index < 0 ? undefined : { kind: 'undo-next', handle: handles.length - 1 - index }
  }

  /** What whoever has something in hand says in the end. */
  inHand(): readonly Action[] {
    const { claims, undoings } = this.#world
    return [
      ...heldIn(claims, 'processing').map((claim) => ({ kind: 'commit', claim, outcome: 'succeeded' }) as const),
      ...heldIn(undoings, 'compensating').map(
        (undoing) => ({ kind: 'commit-undo', undoing, outcome: 'compensated', late: false }) as const,
      ),
    ]
  }

  /** A process that is gone says nothing more. */
  #isThere({ owner }: ModelHandle): boolean {
    return this.#world.isAlive(owner)
  }

  /** A takeover is for a run whose keys the effect's is among. */
  #mayTakeOver(effect: number, handle: number): boolean {
    const { place } = this.#effect(effect)
    return place === 'scope' || place.startsWith(`${this.#handle(handle).run}/`)
  }

  #handle(pick: number): ModelHandle {
    return recent(this.#world.handles, pick)
  }

  #claim(pick: number) {
    return recent(this.#world.claims, pick)
  }

  #undoing(pick: number) {
    return recent(this.#world.undoings, pick)
  }

  #effect(pick: number): ModelEffect {
    return recent(this.#world.effects, pick)
  }
}

function visible(effect: ModelEffect): EffectState {
  const { generation, status, epoch, attempt, certainty, args, result, commitSeq, run } = effect
  const { undo, undoAttempt, undoError, outer, approval } = effect
  return {
    ...{ generation, status, epoch, attempt, certainty, args, result, commitSeq, run, undo, undoAttempt, undoError },
    outer: outer === null ? null : labelOf(outer),
    approval: approval === null ? null : visibleApproval(approval),
  }
}

function visibleApproval({ status, variant, original, expiresAt }: ModelApproval): EffectState['approval'] {
  return { status, args: variant, original, expiresAt }
}

/** The numbers of those that still count. */
function heldIn(claims: readonly ModelClaim[], status: 'processing' | 'compensating'): readonly number[] {
  const held = [...claims.keys()].filter((index) => isHeld(claims[index] as ModelClaim, status))
  return held.map((index) => claims.length - 1 - index)
}
