import { type Action, recent } from './ledger-actions.ts'
import type { ModelCompensation } from './model-compensation.ts'
import {
  isAsked,
  isHeld,
  type ModelClaim,
  type ModelEffect,
  type ModelHandle,
  type ModelRun,
  type ModelWorld,
} from './model-world.ts'

/** Points an action at something that it may have an effect on, if there is anything such. */
export class ModelAim {
  readonly #world: ModelWorld
  readonly #compensation: ModelCompensation

  constructor(world: ModelWorld, compensation: ModelCompensation) {
    this.#world = world
    this.#compensation = compensation
  }

  at(action: Action): Action {
    const { handles, claims, undoings } = this.#world
    switch (action.kind) {
      case 'open-child':
        return { ...action, parent: aimed(handles, action.parent, (one) => this.#mayStart(one) && one.run !== 'leaf') }
      case 'claim':
        return { ...action, handle: aimed(handles, action.handle, (one) => this.#mayStart(one)) }
      case 'close':
      case 'halt':
        return { ...action, handle: aimed(handles, action.handle, (one) => this.#world.mayEnd(one) === null) }
      case 'undo-next':
      case 'finish':
        return { ...action, handle: aimed(handles, action.handle, (one) => this.#mayCompensate(one)) }
      case 'commit':
        return { ...action, claim: aimed(claims, action.claim, (one) => isHeld(one, 'processing')) }
      case 'commit-undo':
        return { ...action, undoing: aimed(undoings, action.undoing, action.late ? isLost : isInHand) }
      case 'open-undo': {
        const left = [...this.#world.runs.values()].filter((run) => this.#isLeft(run))
        return left.length === 0 ? action : { ...action, run: recent(left, action.owner).name }
      }
      default:
        return this.#atEffect(action)
    }
  }

  #atEffect(action: Action): Action {
    const { handles, effects } = this.#world
    switch (action.kind) {
      case 'decide':
        return { ...action, effect: aimed(effects, action.effect, (one) => isAsked(one) || isRefused(one)) }
      case 'request':
        return { ...action, effect: aimed(effects, action.effect, (one) => one.byHand || one.status === 'denied') }
      case 'resolve': {
        const isByHand = action.resolution === 'compensated'
        const effect = aimed(effects, action.effect, (one) => (isByHand ? hasFailed(one) : this.#isInDoubt(one)))
        const { place } = recent(effects, effect) ?? { place: 'scope' }
        const isOf = ({ run }: ModelHandle) => place === 'scope' || place.startsWith(`${run}/`)
        return { ...action, effect, handle: aimed(handles, action.handle, (one) => this.#mayStart(one) && isOf(one)) }
      }
      case 'undo': {
        const handle = aimed(handles, action.handle, (one) => this.#mayCompensate(one))
        const holder = recent(handles, handle)
        const isOf = (effect: ModelEffect) => holder !== undefined && this.#compensation.mayBeAsked(holder, effect)
        return { ...action, handle, effect: aimed(effects, action.effect, isOf) }
      }
      default:
        return action
    }
  }

  #mayStart(handle: ModelHandle): boolean {
    return this.#world.isAlive(handle.owner) && this.#world.mayStart(handle) === null
  }

  #mayCompensate(handle: ModelHandle): boolean {
    return this.#world.isAlive(handle.owner) && this.#world.mayCompensate(handle) === null
  }

  /** Somebody began to undo it and is gone. */
  #isLeft({ status, lease }: ModelRun): boolean {
    return status === 'compensating' && !this.#world.isLive(lease)
  }

  #isInDoubt(effect: ModelEffect): boolean {
    const { status, certainty, lease } = effect
    if (status === 'processing') return !this.#world.isLive(lease)
    return certainty === 'in_doubt' || certainty === 'assumed'
  }
}

function isInHand(undoing: ModelClaim): boolean {
  return isHeld(undoing, 'compensating')
}

function isLost({ effect, epoch }: ModelClaim): boolean {
  return effect.status === 'compensating' && effect.epoch !== epoch
}

function hasFailed({ status }: ModelEffect): boolean {
  return status === 'compensation_failed'
}

function isRefused({ approval }: ModelEffect): boolean {
  return approval?.status === 'denied'
}

/** The number of one that will do; what was picked if none does. */
function aimed<Item>(items: readonly Item[], pick: number, willDo: (item: Item) => boolean): number {
  const good = [...items.keys()].filter((index) => willDo(items[index] as Item))
  return good.length === 0 ? pick : items.length - 1 - recent(good, pick)
}
