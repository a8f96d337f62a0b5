import type { EffectStatus, RunStatus, UndoKind } from '../../records.ts'
import { LEASE_MS, OWNERS, type RunName, type Variant } from './ledger-actions.ts'

/** Whose right it is, from when on, and for how long without a sign of life. */
export interface ModelLease {
  readonly owner: number
  readonly at: number
  readonly ms: number
}

export interface ModelRun {
  readonly name: RunName
  status: RunStatus
  epoch: number
  attempt: number
  halted: boolean
  lease: ModelLease | null
  /** That of its first opening: commits are numbered there for good. */
  readonly root: RunName
  /** Where it was opened last: alone, or in that execution of a parent, perhaps in the body of an effect. */
  parent: RunName | null
  parentEpoch: number | null
  body: ModelEffect | null
  /** It ended while something of it was in flight or unknown, which a sweep has yet to look after. */
  unsettled: boolean
  /** What it did up to this entry was undone, and is no part of its history any more. */
  historyFrom: number
  readonly entries: string[]
  lastAt: number
}

export interface ModelEffect {
  readonly place: string
  readonly generation: number
  status: EffectStatus
  epoch: number
  attempt: number
  certainty: 'not_applied' | 'in_doubt' | 'assumed' | null
  variant: Variant
  args: string
  result: string | null
  run: RunName
  lease: ModelLease | null
  /** The epoch whose outcome nobody knows: what its owner still has to say settles it. */
  doubted: number | null
  byHand: boolean
  readonly undo: UndoKind
  outer: ModelEffect | null
  /** Number of the entry of its claim in the stream of its run. */
  claimEntry: number
  /** When it was committed, counted over everything. */
  commit: number | null
  commitSeq: number | null
  undoAttempt: number
  undoError: string | null
  approval: ModelApproval | null
}

export interface ModelApproval {
  status: 'pending' | 'approved' | 'denied' | 'canceled' | 'expired'
  readonly variant: Variant
  readonly expiresAt: number | null
  /** What the effect is again without a yes; null: it was made for this question. */
  readonly prior: EffectStatus | null
  /** Who asked. */
  readonly run: RunName
  /** Of that run, when it was asked or approved. */
  attempt: number
  /** The arguments that it is about were those of an earlier decision, and executed. */
  readonly edited: boolean
  original: string | null
}

/** The right to act for a run, as its owner remembers it. */
export interface ModelHandle {
  readonly owner: number
  readonly run: RunName
  readonly epoch: number
  readonly ancestors: readonly { readonly run: RunName; readonly epoch: number }[]
  /** Effects whose compensation it saw fail: it does not try them again. */
  readonly givenUp: Set<ModelEffect>
}

export interface ModelClaim {
  readonly handle: ModelHandle
  readonly effect: ModelEffect
  readonly epoch: number
}

/** Everything that there is, and the rules that all verbs share. */
export class ModelWorld {
  readonly runs = new Map<RunName, ModelRun>()
  /** In the order in which they came to be. */
  readonly effects: ModelEffect[] = []
  readonly handles: ModelHandle[] = []
  readonly claims: ModelClaim[] = []
  /** Rights to compensate. */
  readonly undoings: ModelClaim[] = []
  now = 0
  actions = 0
  #commits = 0
  /** Who stands in each owner's place by now. */
  readonly #living: number[] = Array.from({ length: OWNERS }, (_, place) => place)
  readonly #beats = new Map<number, number>()
  #owners = OWNERS

  run(name: RunName): ModelRun {
    const run = this.runs.get(name)
    if (run === undefined) throw new Error(`The model has no run ${name}`)
    return run
  }

  owner(place: number): number {
    return this.#living[place] as number
  }

  isAlive(owner: number): boolean {
    return this.#living.includes(owner)
  }

  /** Its process is gone; another one takes its place. */
  die(place: number): void {
    this.#living[place] = this.#owners++
  }

  beat(owner: number): void {
    this.#beats.set(owner, this.now)
  }

  lease(owner: number, ms = LEASE_MS): ModelLease {
    return { owner, at: this.now, ms }
  }

  isLive(lease: ModelLease | null): boolean {
    if (lease === null) return false
    if (lease.ms === Number.POSITIVE_INFINITY) return true
    const lastSign = Math.max(this.#beats.get(lease.owner) ?? lease.at, lease.at)
    return this.isAlive(lease.owner) && this.now <= lastSign + lease.ms
  }

  newest(place: string): ModelEffect | undefined {
    return this.effects.findLast((effect) => effect.place === place)
  }

  /** What the handle is in the body of: what it claimed last and still has in hand. */
  bodyOf(handle: ModelHandle, place: string | null): ModelEffect | null {
    const held = this.claims.findLast(
      (claim) => claim.handle === handle && claim.effect.place !== place && isHeld(claim, 'processing'),
    )
    return held?.effect ?? null
  }

  /** A run and everything below it, from the top down. */
  tree(name: RunName): readonly ModelRun[] {
    const runs = [this.run(name)]
    for (const { name: parent } of runs) runs.push(...[...this.runs.values()].filter((run) => run.parent === parent))
    return runs
  }

  /** What a run and everything below it executed, or was asked about. */
  treeEffects(name: RunName): readonly ModelEffect[] {
    const names = this.tree(name).map((run) => run.name)
    return this.effects.filter(({ run }) => names.includes(run))
  }

  tell(name: RunName, entry: string, effect?: ModelEffect): number {
    const run = this.run(name)
    run.entries.push(effect === undefined ? entry : `${entry} ${labelOf(effect)}`)
    run.lastAt = this.now
    return run.entries.length
  }

  /** The order of commits is that of the whole tree: a child's is told in its root's stream too. */
  succeed(effect: ModelEffect, result: string, entry: string): void {
    Object.assign(effect, { status: 'succeeded', certainty: null, result, commit: this.#commits++ })
    const { root } = this.run(effect.run)
    const told = root === effect.run ? undefined : this.tell(root, 'child-committed', effect)
    const number = this.tell(effect.run, entry, effect)
    effect.commitSeq = told ?? number
  }

  /** Its owner is gone: nobody knows whether it happened. */
  expire(effect: ModelEffect): void {
    const doubted = effect.epoch
    Object.assign(effect, { status: 'unknown', certainty: 'in_doubt', doubted, epoch: effect.epoch + 1 })
    this.tell(effect.run, 'effect-unknown', effect)
  }

  /** Expires what is in flight for somebody who is gone; returns how much, and the runs of what is not settled. */
  expireAmong(effects: readonly ModelEffect[]): { readonly expired: number; readonly unsettled: ReadonlySet<RunName> } {
    const left = effects.filter(({ status, lease }) => status === 'processing' && !this.isLive(lease))
    for (const effect of left) this.expire(effect)
    return { expired: left.length, unsettled: new Set(effects.filter(isUnsettled).map(({ run }) => run)) }
  }

  mayStart(handle: ModelHandle): string | null {
    for (const { run: name, epoch } of [handle, ...handle.ancestors]) {
      const run = this.run(name)
      if (run.epoch !== epoch) return 'refused: fenced'
      if (run.status !== 'running') return 'refused: closed'
      if (run.halted) return 'refused: halted'
    }
    return null
  }

  mayEnd(handle: ModelHandle): string | null {
    return this.#mayGoOn(handle, isOpen(this.run(handle.run)))
  }

  mayCompensate(handle: ModelHandle): string | null {
    return this.#mayGoOn(handle, this.run(handle.run).status === 'compensating')
  }

  #mayGoOn(handle: ModelHandle, isInTime: boolean): string | null {
    if (this.run(handle.run).epoch !== handle.epoch) return 'refused: fenced'
    if (!isInTime) return 'refused: closed'
    const isCurrent = handle.ancestors.every(({ run, epoch }) => this.run(run).epoch === epoch)
    return isCurrent ? null : 'refused: fenced'
  }
}

export function labelOf({ place, generation }: ModelEffect): string {
  return `${place} ${generation}`
}

export function isOpen({ status }: ModelRun): boolean {
  return status === 'running' || status === 'closing'
}

/** It waits for a human, or has a yes that nothing has claimed. */
export function isAsked({ status }: ModelEffect): boolean {
  return status === 'requires_approval' || status === 'ready'
}

/** In flight, or nobody knows what became of it, which a question may hide. */
function isUnsettled(effect: ModelEffect): boolean {
  const { status, certainty } = effect
  return status === 'processing' || status === 'unknown' || (isAsked(effect) && certainty === 'in_doubt')
}

export function isHeld({ effect, epoch }: ModelClaim, status: 'processing' | 'compensating'): boolean {
  return effect.status === status && effect.epoch === epoch
}
