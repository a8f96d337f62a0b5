import type { Limited, LimitTerms } from '../limit-records.ts'
import type { StartRead } from '../money-verbs.ts'
import type { Refused, RunRef } from '../records.ts'
import type { VerbContext } from './context.ts'
import { Fence } from './fence.ts'
import { type CurrentLimits, FIRST_VERSION, type LimitedScope } from './limit-book.ts'
import { gravest, limited } from './limited.ts'
import { countsEffects } from './limits-on-effects.ts'
import { Rates, type RateUse } from './rates.ts'
import { Thresholds } from './thresholds.ts'
import { WallTime } from './wall-time.ts'

/** An effect that is about to begin. */
export interface NewEffect {
  readonly run: RunRef
  readonly tool: string
  readonly at: number
}

type Answer = { readonly kind: 'open' } | Limited | Refused

/**
 * Counts effects on all scopes of their run, where a limit in force asks for it, and writes wherever one on a run ever
 * did: what a run did is known whenever it is asked for. What a shared scope had before that is not made up for, nor are
 * reads: they leave nothing where nobody counts them.
 */
export class EffectLimits {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #rates: Rates
  readonly #wall: WallTime
  readonly #thresholds: Thresholds

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#rates = new Rates(database)
    this.#wall = new WallTime(database)
    this.#thresholds = new Thresholds(context)
  }

  /** Null if all scopes allow one more, which counts from now on; else nothing is counted anywhere. */
  admit(effect: NewEffect): Limited | null {
    const current = this.#context.limits.current()
    const refused = this.#admit(current, effect)
    if (refused === null) this.#countOnRuns(current, effect)
    return refused
  }

  #admit(current: CurrentLimits, effect: NewEffect): Limited | null {
    const scopes = concerned(current, effect.run)
    if (scopes.length === 0) return null
    const refusals = scopes.flatMap((scope) => {
      const tooFast = this.#rates.refusal(scope, useOf(effect), effect.at)
      return tooFast === null ? this.#refusals(scope, effect) : [...this.#refusals(scope, effect), tooFast]
    })
    const refused = gravest(refusals)
    if (refused !== null) return refused
    for (const scope of scopes) this.#count(scope, effect)
    return null
  }

  /** The same for one that a human is asked about first: nothing is counted, and the pace is that of its execution. */
  foresee(effect: NewEffect): Limited | null {
    const scopes = concerned(this.#context.limits.current(), effect.run)
    return gravest(scopes.flatMap((scope) => this.#refusals(scope, effect)))
  }

  /** What can be said of a read without writing; null: it has to be counted, or may be refused. */
  lookRead({ run }: StartRead): Answer | null {
    const refused = this.#fence.mayStart(run)
    if (refused !== null) return refused
    return concerned(this.#context.limits.current(), run).length === 0 ? { kind: 'open' } : null
  }

  startRead(read: StartRead): Answer {
    const refused = this.#fence.mayStart(read.run)
    return refused ?? this.#admit(this.#context.limits.current(), read) ?? { kind: 'open' }
  }

  #refusals(scope: LimitedScope, { tool, at }: NewEffect): readonly Limited[] {
    return scope.terms.flatMap((limit) => {
      if (limit.mode === 'soft') return []
      const wall = this.#wall.check(scope, limit, at)
      const counted = countsEffects(limit) ? this.#overCount(scope, limit, tool, at) : []
      return wall === null ? counted : [wall, ...counted]
    })
  }

  #overCount(scope: LimitedScope, limit: LimitTerms, tool: string, at: number): readonly Limited[] {
    const { periods } = this.#context
    const period = periods.withEffects(scope, limit.window, at)
    const over = (what: { limit: number; spent: number; tool: string | null }): readonly Limited[] => {
      if (what.spent < what.limit) return []
      const reason = { what: 'effects', limit: what.limit, spent: what.spent, requested: 1 } as const
      return [limited(scope, reason, { tool: what.tool, resetsAt: periods.resetsAt(period, 'effects', at) })]
    }
    const all = limit.effects === null ? [] : over({ limit: limit.effects, spent: period.effects, tool: null })
    const own = limit.tools.filter((one) => one.tool === tool)
    return [
      ...all,
      ...own.flatMap(({ effects }) => over({ limit: effects, spent: periods.effectsOf(period, tool), tool })),
    ]
  }

  /** The scopes of runs that had such a limit, and may have one again. */
  #countOnRuns(current: CurrentLimits, { run, tool, at }: NewEffect): void {
    // No limit has ever changed: where there is none now, there was none.
    if (current.version === FIRST_VERSION) return
    for (const scope of current.ofRun(run)) {
      if (scope.runSeq !== null && !scope.terms.some(countsEffects)) this.#context.periods.countEffect(scope, tool, at)
    }
  }

  #count(scope: LimitedScope, effect: NewEffect): void {
    const { tool, at } = effect
    this.#rates.take(scope, useOf(effect), at)
    const counting = scope.terms.filter(countsEffects)
    if (counting.length === 0) return
    // A soft limit has refused nothing, and so may have no period yet.
    for (const { window } of counting) this.#context.periods.withEffects(scope, window, at)
    this.#context.periods.countEffect(scope, tool, at)
    this.#thresholds.tell(this.#thresholds.notice(scope, ['effects'], at, at), at)
  }
}

/** The scopes of a run that have a limit which effects can come up against. */
function concerned(current: CurrentLimits, run: RunRef): readonly LimitedScope[] {
  return current.ofRun(run).filter((scope) => scope.boundsEffects)
}

function useOf({ tool }: NewEffect): RateUse {
  return { calls: 0, effects: 1, tokens: 0, tool }
}
