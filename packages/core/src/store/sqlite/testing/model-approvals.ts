import { type DecideAction, EDITED, type RunName, type Variant } from './ledger-actions.ts'
import { isAsked, isOpen, type ModelApproval, type ModelEffect, type ModelWorld } from './model-world.ts'

/** What a human is asked. */
export interface ModelTerms {
  readonly variant: Variant
  readonly expiresAt: number | null
}

/** Questions to humans as section 5 of the design and the verbs of decisions tell of them. */
export class ModelApprovals {
  readonly #world: ModelWorld

  constructor(world: ModelWorld) {
    this.#world = world
  }

  terms(variant: Variant, asksMs: number | null): ModelTerms | null {
    if (asksMs === null) return null
    return { variant, expiresAt: asksMs === 0 ? null : this.#world.now + asksMs }
  }

  /** The effect waits for a human from now on. */
  ask(effect: ModelEffect, run: RunName, { variant, expiresAt }: ModelTerms, prior: ModelApproval['prior']): string {
    effect.status = 'requires_approval'
    const edited = prior !== null && effect.approval !== null && hasEdits(effect.approval)
    const { attempt } = this.#world.run(run)
    effect.approval = { status: 'pending', variant, expiresAt, prior, run, attempt, edited, original: null }
    const number = this.#world.tell(run, 'approval-requested', effect)
    if (effect.attempt === 0) effect.claimEntry = number
    return 'awaiting_approval'
  }

  request(effect: ModelEffect, terms: ModelTerms): string {
    if (effect.variant !== terms.variant || !this.#mayRequest(effect)) return 'lost'
    effect.args = effect.approval?.original ?? effect.args
    Object.assign(effect, { epoch: effect.epoch + 1, attempt: 0, lease: null })
    this.ask(effect, effect.run, terms, null)
    return 'requested'
  }

  /** A claim by hand whose body has not begun, or what a human said no to: nothing has come of it. */
  #mayRequest(effect: ModelEffect): boolean {
    const run = this.#world.run(effect.run)
    if (effect.status === 'processing')
      return isOpen(run) && effect.byHand && effect.attempt === 1 && this.#isHeldByLiving(effect)
    if (!isOpen(run) && run.status !== 'waiting') return false
    const isNewest = this.#world.newest(effect.place) === effect
    return effect.status === 'denied' || (effect.status === 'canceled' && isNewest)
  }

  #isHeldByLiving({ lease }: ModelEffect): boolean {
    return this.#world.isLive(lease) && lease !== null && this.#world.isAlive(lease.owner)
  }

  decide(effect: ModelEffect, { decision, overrule, edits }: DecideAction): string {
    const { approval } = effect
    if (approval === null) return 'missing'
    if (this.expireIfOver(effect)) return 'lost: expired'
    if (!mayDecide(effect, approval, decision, overrule)) return `lost: ${approval.status}`
    if (decision === 'approve') this.#approve(effect, approval, edits)
    else this.#refuse(effect, approval, decision === 'deny' ? 'denied' : 'canceled')
    return `decided: ${approval.status}`
  }

  #approve(effect: ModelEffect, approval: ModelApproval, edits: boolean): void {
    approval.status = 'approved'
    approval.attempt = this.#world.run(approval.run).attempt
    effect.status = 'ready'
    if (edits) {
      approval.original = effect.args
      effect.args = EDITED
    }
    this.#world.tell(approval.run, 'approval-approved', effect)
  }

  /** It is again what it was before anybody asked, and so are its arguments. */
  #refuse(effect: ModelEffect, approval: ModelApproval, to: 'denied' | 'canceled' | 'expired'): void {
    effect.status = approval.prior ?? (to === 'denied' ? 'denied' : 'canceled')
    effect.args = approval.original ?? effect.args
    Object.assign(approval, { status: to, original: null })
    this.#world.tell(approval.run, `approval-${to}`, effect)
  }

  /** Nobody said anything in time. */
  expireIfOver(effect: ModelEffect): boolean {
    const { approval } = effect
    if (approval?.status !== 'pending' || approval.expiresAt === null || approval.expiresAt > this.#world.now)
      return false
    this.#refuse(effect, approval, 'expired')
    return true
  }

  /** Somebody knows what it came to: there is nothing left to ask about what was executed before. */
  withdraw(effect: ModelEffect): void {
    const { approval } = effect
    if (isAsked(effect) && approval !== null && approval.prior !== null) this.#refuse(effect, approval, 'canceled')
  }

  /** Everything that was asked, and not executed, in the name of a run and of what is below it. */
  cancelUnder(name: RunName): void {
    const runs = this.#world.tree(name).map((run) => run.name)
    for (const effect of this.#world.effects)
      if (isAsked(effect) && effect.approval !== null && runs.includes(effect.approval.run))
        this.#refuse(effect, effect.approval, 'canceled')
  }

  /** Ends the questions of a run, and of what is below it, that are over; returns how many stay. */
  expireUnder(name: RunName): number {
    const runs = this.#world.tree(name).map((run) => run.name)
    const pending = this.#world.effects.filter(
      ({ approval }) => approval?.status === 'pending' && runs.includes(approval.run),
    )
    return pending.filter((effect) => !this.expireIfOver(effect)).length
  }

  /** The yes to a generation that had no effect is one to the next. */
  carry(from: ModelEffect, to: ModelEffect): void {
    const { approval } = from
    if (approval === null) return
    to.approval = { ...approval, prior: null, run: to.run, attempt: this.#world.run(to.run).attempt }
    if (hasEdits(approval)) to.args = from.args
  }

  /** A yes is one to an attempt of the run that asked. */
  isYesNow({ approval }: ModelEffect): boolean {
    return approval?.status === 'approved' && approval.attempt === this.#world.run(approval.run).attempt
  }

  /** A yes that nothing claimed in the attempt that it was for: a later one, which has to ask, asks anew. */
  lapseIfFormer(effect: ModelEffect, terms: ModelTerms | null): void {
    const { approval } = effect
    if (effect.status !== 'ready' || approval === null || terms === null || this.isYesNow(effect)) return
    this.#refuse(effect, approval, 'canceled')
  }

  /** Null: nothing stands against executing it once more. */
  stop(effect: ModelEffect, run: RunName, terms: ModelTerms | null): string | null {
    if (effect.approval?.status === 'denied') return 'denied'
    if (terms === null || this.isYesNow(effect)) return null
    return this.ask(effect, run, terms, effect.status)
  }
}

function mayDecide(
  effect: ModelEffect,
  { status, prior }: ModelApproval,
  decision: DecideAction['decision'],
  overrule: boolean,
): boolean {
  if (status === 'pending') return true
  const isUnclaimed = status === 'approved' && effect.status === 'ready'
  if (decision === 'cancel') return isUnclaimed
  if (decision === 'deny') return overrule && isUnclaimed
  // Nothing has come of it since the no.
  const isSame = prior === null ? effect.status === 'denied' : effect.status === prior
  return overrule && status === 'denied' && isSame && effect.certainty !== 'not_applied'
}

/** What to execute instead of the caller's arguments, as an answer says it. */
export function editedOf({ approval, args }: ModelEffect): string {
  return approval === null || !hasEdits(approval) ? '' : `, edited: ${args}`
}

/** Its effect has arguments that a human put in the place of its caller's. */
export function hasEdits({ edited, original }: ModelApproval): boolean {
  return edited || original !== null
}
