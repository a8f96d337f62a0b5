import { type RunName, type UndoOutcomeName, undoErrorOf } from './ledger-actions.ts'
import type { ModelApprovals } from './model-approvals.ts'
import {
  isAsked,
  isHeld,
  isOpen,
  labelOf,
  type ModelClaim,
  type ModelEffect,
  type ModelHandle,
  type ModelRun,
  type ModelWorld,
} from './model-world.ts'

/** Compensation as section 6 of the design and its verbs tell of it. */
export class ModelCompensation {
  readonly #world: ModelWorld
  readonly #approvals: ModelApprovals

  constructor(world: ModelWorld, approvals: ModelApprovals) {
    this.#world = world
    this.#approvals = approvals
  }

  /** The run has failed and stays with its owner; false if there is nothing to undo. */
  begin(handle: ModelHandle): boolean {
    if (!this.#isAnyToUndo(handle.run)) return false
    const run = this.#world.run(handle.run)
    if (run.lease !== null) run.lease = { ...run.lease, at: this.#world.now }
    this.#begin(run, handle.owner, handle.ancestors)
    return true
  }

  open(owner: number, name: RunName, which: 'dead' | 'any', within: ModelHandle | null): string {
    const run = this.#world.runs.get(name)
    if (run === undefined) return 'missing'
    const isBegun = run.status === 'compensating'
    if (!isBegun && which === 'dead') return 'nothing'
    const above = this.#above(run)
    const others = above.filter((one) => !isCallers(one, within))
    const holders = isOrphan(run, above[0], within) ? others : [run, ...others]
    if (isOpen(run) || holders.some((one) => this.#isActedFor(one))) return 'running'
    if (!isBegun && !this.#hasWork(run)) return 'nothing'
    run.lease = this.#world.lease(owner)
    run.parentEpoch = above[0]?.epoch ?? null
    this.#begin(run, owner, above.map((one) => ({ run: one.name, epoch: one.epoch })).reverse())
    return 'compensating'
  }

  #begin(run: ModelRun, owner: number, ancestors: ModelHandle['ancestors']): void {
    this.#approvals.cancelUnder(run.name)
    this.#world.expireAmong(this.#world.treeEffects(run.name))
    run.status = 'compensating'
    run.epoch++
    this.#world.tell(run.name, 'run-compensating')
    this.#world.handles.push({ owner, run: run.name, epoch: run.epoch, ancestors, givenUp: new Set() })
  }

  /** Its ancestors, the nearest first. */
  #above(run: ModelRun): readonly ModelRun[] {
    if (run.parent === null) return []
    const parent = this.#world.run(run.parent)
    return [parent, ...this.#above(parent)]
  }

  #isActedFor(run: ModelRun): boolean {
    return (isOpen(run) || run.status === 'compensating') && this.#world.isLive(run.lease)
  }

  #hasWork({ name, status }: ModelRun): boolean {
    if (status === 'compensation_failed') return true
    return status === 'compensated' ? this.#isLeft(name) : this.#isAnyToUndo(name)
  }

  #isAnyToUndo(name: RunName): boolean {
    return this.#world.treeEffects(name).some((effect) => isUndoable(effect) || isHidden(effect))
  }

  #isLeft(name: RunName): boolean {
    return this.#world.treeEffects(name).some((effect) => {
      return isUndoable(effect) ? effect.status !== 'failed' : isHidden(effect) && effect.certainty === 'in_doubt'
    })
  }

  /** What is left, as a reader sees it: doubts in any order, then the last commit first. */
  read(name: RunName): string {
    const steps = this.#steps(name).map((effect) => {
      const lease = isActedOn(effect) ? this.#world.isLive(effect.lease) : null
      const cover = this.#coverOf(effect, name)
      const covered = cover === undefined ? null : labelOf(cover)
      return [labelOf(effect), effect.status, lease, this.#isLeftForever(effect), covered]
    })
    return JSON.stringify(steps)
  }

  /** Its owner is gone, and nobody may take it over. */
  #isLeftForever(effect: ModelEffect): boolean {
    const { lease } = effect
    return (
      isActedOn(effect) && lease !== null && lease.ms === Number.POSITIVE_INFINITY && !this.#world.isAlive(lease.owner)
    )
  }

  #steps(name: RunName): readonly ModelEffect[] {
    const effects = this.#world.treeEffects(name).filter(isUndoable)
    const committed = effects.filter(({ commit }) => commit !== null)
    const open = effects
      .filter(({ commit }) => commit === null)
      .toSorted((one, other) => (labelOf(one) < labelOf(other) ? -1 : 1))
    return [...open, ...committed.toSorted((one, other) => (other.commit ?? 0) - (one.commit ?? 0))]
  }

  /** The nearest effect around it whose compensation is still to come, and undoes this one too. */
  #coverOf(effect: ModelEffect, name: RunName): ModelEffect | undefined {
    return this.#around(effect, name).find(({ undo, status }) => undo === 'inner' && COVERING.includes(status))
  }

  /** The effects of a tree of runs in whose bodies it happened, the nearest first. */
  #around(effect: ModelEffect, name: RunName): readonly ModelEffect[] {
    const executed = this.#world.treeEffects(name).filter(({ attempt }) => attempt > 0)
    const around: ModelEffect[] = []
    let outer = this.#outerOf(effect, name)
    while (outer !== null && outer !== effect && executed.includes(outer) && !around.includes(outer)) {
      around.push(outer)
      outer = this.#outerOf(outer, name)
    }
    return around
  }

  /** The body that it was claimed in, or in which its run was opened, or the run above that. */
  #outerOf({ outer, run }: ModelEffect, top: RunName): ModelEffect | null {
    if (outer !== null || run === top) return outer
    const opened = this.#world.run(run)
    const above = [opened, ...this.#above(opened)]
    const inside = above.slice(
      0,
      above.findIndex(({ name }) => name === top),
    )
    return inside.find(({ body }) => body !== null)?.body ?? null
  }

  /** The documented order: the last commit first, without what this driver saw fail, doubts and what others cover. */
  next(handle: ModelHandle): string {
    const steps = this.#steps(handle.run)
    const read = this.read(handle.run)
    const isInFlight = (effect: ModelEffect) =>
      effect.status === 'processing' && this.#world.isLive(effect.lease) && !this.#isLeftForever(effect)
    if (steps.some(isInFlight)) return `${read} waits`
    const next = steps.find(
      (effect) =>
        CLAIMABLE.includes(effect.status) &&
        this.#coverOf(effect, handle.run) === undefined &&
        !handle.givenUp.has(effect),
    )
    return next === undefined ? `${read} over` : `${read} ${this.claim(handle, next, false)}`
  }

  claim(handle: ModelHandle, effect: ModelEffect, stale: boolean): string {
    const refused = this.#world.mayCompensate(handle)
    if (refused !== null) return refused
    if (effect.status === 'compensating' && this.#world.isLive(effect.lease)) return 'busy'
    if (stale || !CLAIMABLE.includes(effect.status)) return 'lost'
    const lease = this.#world.lease(handle.owner)
    const taken = { epoch: effect.epoch + 1, undoAttempt: effect.undoAttempt + 1, undoError: null, lease }
    Object.assign(effect, { status: 'compensating', ...taken })
    this.#world.undoings.push({ handle, effect, epoch: effect.epoch })
    this.#world.tell(effect.run, 'compensation-claimed', effect)
    return `claimed: ${labelOf(effect)}, attempt ${effect.undoAttempt}, epoch ${effect.epoch}`
  }

  commit(undoing: ModelClaim, outcome: UndoOutcomeName): string {
    const { effect } = undoing
    if (!isHeld(undoing, 'compensating')) return this.#repeat(undoing, outcome)
    if (outcome === 'compensated') {
      effect.status = 'compensated'
      this.#world.tell(effect.run, 'effect-compensated', effect)
      if (effect.undo === 'inner') this.#coverInner(effect)
    } else if (outcome === 'retry') {
      effect.undoAttempt++
      this.#world.tell(effect.run, 'compensation-retried', effect)
    } else {
      Object.assign(effect, { status: 'compensation_failed', undoError: undoErrorOf(outcome) })
      undoing.handle.givenUp.add(effect)
      this.#world.tell(effect.run, 'compensation-failed', effect)
    }
    return `committed: ${effect.undoAttempt}`
  }

  /** The same word once more changes nothing and is no loss. */
  #repeat({ effect, epoch }: ModelClaim, outcome: UndoOutcomeName): string {
    const isSame =
      outcome === 'compensated'
        ? effect.status === 'compensated'
        : outcome !== 'retry' && effect.status === 'compensation_failed' && effect.undoError === undoErrorOf(outcome)
    return isSame && effect.epoch === epoch ? `committed: ${effect.undoAttempt}` : 'lost'
  }

  /** A human undid outside what its compensation could not. */
  settleByHand(effect: ModelEffect): string {
    if (effect.status !== 'compensation_failed') return 'lost'
    Object.assign(effect, { status: 'compensated', epoch: effect.epoch + 1, undoError: null })
    this.#world.tell(effect.run, 'effect-resolved', effect)
    if (effect.undo === 'inner') this.#coverInner(effect)
    return 'resolved'
  }

  #coverInner(outer: ModelEffect): void {
    const inside = this.#world
      .tree(outer.run)
      .flatMap(({ name }) => this.#world.effects.filter(({ run }) => run === name).toSorted(byClaim))
      .filter((effect) => effect.attempt > 0 && this.#around(effect, outer.run).includes(outer))
    for (const effect of inside) {
      if (effect.status !== 'succeeded' && effect.status !== 'compensation_failed') continue
      Object.assign(effect, { status: 'compensated', epoch: effect.epoch + 1, undoError: null })
      this.#world.tell(effect.run, 'effect-compensated', effect)
    }
  }

  finish(handle: ModelHandle, to: 'over' | 'released', listed: boolean): string {
    // Whoever may not act any more may still let go.
    const held = to === 'over' ? handle : { ...handle, ancestors: [] }
    const refused = this.#world.mayCompensate(held)
    if (refused !== null) return refused
    const run = this.#world.run(handle.run)
    if (to === 'over') this.#finish(run, listed)
    else {
      run.lease = null
      this.#world.tell(run.name, 'run-released')
    }
    return `finished: ${run.status}`
  }

  #finish(top: ModelRun, listed: boolean): void {
    this.#approvals.cancelUnder(top.name)
    const { unsettled } = this.#world.expireAmong(this.#world.treeEffects(top.name))
    const isLeft = listed || this.#isLeft(top.name)
    const status = isLeft ? 'compensation_failed' : 'compensated'
    for (const run of this.#world.tree(top.name)) {
      if (run !== top && (run.status === 'compensated' || (isLeft && run.status === 'compensation_failed'))) continue
      const epoch = run === top ? run.epoch : run.epoch + 1
      Object.assign(run, { status, epoch, lease: null, unsettled: unsettled.has(run.name) })
      this.#world.tell(run.name, `run-closed ${status}`)
    }
  }

  /** A caller undoes what is in the subtree of its run and can be undone. */
  mayBeAsked(handle: ModelHandle, effect: ModelEffect): boolean {
    return effect.undo !== 'none' && this.#world.treeEffects(handle.run).includes(effect)
  }
}

const COVERING: readonly ModelEffect['status'][] = ['succeeded', 'unknown', 'compensating', 'compensation_failed']
const CLAIMABLE: readonly ModelEffect['status'][] = ['succeeded', 'compensating', 'compensation_failed']

/** Somebody executes it, or undoes it. */
function isActedOn({ status }: ModelEffect): boolean {
  return status === 'processing' || status === 'compensating'
}

/** It happened, or may have: only a hook can tell whether a failure is one that had no effect. */
function isUndoable({ undo, status, certainty }: ModelEffect): boolean {
  if (undo === 'none') return false
  return COVERING.includes(status) || status === 'processing' || (status === 'failed' && certainty === 'assumed')
}

/** A question hides what it was before. */
function isHidden(effect: ModelEffect): boolean {
  return effect.undo !== 'none' && isAsked(effect) && effect.attempt > 0
}

/** A run that the caller still has, or that is above the one that it has. */
function isCallers({ name, epoch }: ModelRun, within: ModelHandle | null): boolean {
  const line = within === null ? [] : [within, ...within.ancestors]
  return line.some((one) => one.run === name && one.epoch === epoch)
}

function byClaim(one: ModelEffect, other: ModelEffect): number {
  return one.claimEntry - other.claimEntry
}

/** It is undone for an execution of the caller's run that was replaced: whoever does it can do nothing any more. */
function isOrphan(run: ModelRun, parent: ModelRun | undefined, within: ModelHandle | null): boolean {
  return parent !== undefined && isCallers(parent, within) && run.parentEpoch !== parent.epoch
}
