import type { Limited, LimitTerms } from '../limit-records.ts'
import type { StartRead } from '../money-verbs.ts'
import type { Refused, RunRef } from '../records.ts'
import type { VerbContext } from './context.ts'
import { Fence } from './fence.ts'
import { FIRST_VERSION, type LimitedScope } from './limit-book.ts'
import { gravest, limited } from './limited.ts'
import { Rates, type RateUse } from './rates.ts'
import { scopesOf } from './run-scopes.ts'
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
    const refused = this.#admit(effect)
    if (refused === null) this.#countOnRuns(effect)
    return refused
  }

  #admit(effect: NewEffect): Limited | null {
    const scopes = this.#concerned(effect.run)
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
    return gravest(this.#concerned(effect.run).flatMap((scope) => this.#refusals(scope, effect)))
  }

  /** What can be said of a read without writing; null: it has to be counted, or may be refused. */
  lookRead({ run }: StartRead): Answer | null {
    const refused = this.#fence.mayStart(run)
    if (refused !== null) return refused
    return this.#concerned(run).length === 0 ? { kind: 'open' } : null
  }

  startRead(read: StartRead): Answer {
    return this.#fence.mayStart(read.run) ?? this.#admit(read) ?? { kind: 'open' }
  }

  /** The scopes of a run that have a limit which effects can come up against. */
  #concerned(run: RunRef): readonly LimitedScope[] {
    const current = this.#context.limits.current()
    return scopesOf(run)
      .map((seq) => current.of(seq))
      .filter(({ terms }) =>
        terms.some((limit) => counts(limit) || limit.wallMs !== null || limit.rates.some(isOfEffects)),
      )
  }

  #refusals(scope: LimitedScope, { tool, at }: NewEffect): readonly Limited[] {
    return scope.terms.flatMap((limit) => {
      if (limit.mode === 'soft') return []
      const wall = this.#wall.check(scope, limit, at)
      const counted = counts(limit) ? this.#overCount(scope, limit, tool, at) : []
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
  #countOnRuns({ run, tool, at }: NewEffect): void {
    const current = this.#context.limits.current()
    // No limit has ever changed: where there is none now, there was none.
    if (current.version === FIRST_VERSION) return
    for (const scope of scopesOf(run).map((seq) => current.of(seq))) {
      if (scope.runSeq !== null && !scope.terms.some(counts)) this.#context.periods.countEffect(scope, tool, at)
    }
  }

  #count(scope: LimitedScope, effect: NewEffect): void {
    const { tool, at } = effect
    this.#rates.take(scope, useOf(effect), at)
    const counting = scope.terms.filter(counts)
    if (counting.length === 0) return
    // A soft limit has refused nothing, and so may have no period yet.
    for (const { window } of counting) this.#context.periods.withEffects(scope, window, at)
    this.#context.periods.countEffect(scope, tool, at)
    this.#thresholds.tell(this.#thresholds.notice(scope, ['effects'], at, at), at)
  }
}

/** Whether a limit counts effects. */
export function counts({ effects, tools }: LimitTerms): boolean {
  return effects !== null || tools.length > 0
}

function isOfEffects({ of }: LimitTerms['rates'][number]): boolean {
  return of === 'effects'
}

function useOf({ tool }: NewEffect): RateUse {
  return { calls: 0, effects: 1, tokens: 0, tool }
}
