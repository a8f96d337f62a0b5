import type { HoldTerms, Limited, LimitTerms, NotBounded } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { VerbContext } from './context.ts'
import { nanoFor, outputTokensWithin, outputWithin } from './hold-size.ts'
import type { LimitedScope } from './limit-book.ts'
import { gravest, limited } from './limited.ts'
import type { PeriodRow } from './period-rows.ts'
import { Rates, type RateUse } from './rates.ts'
import { scopesOf } from './run-scopes.ts'
import type { Amount } from './scope-periods.ts'
import { WallTime } from './wall-time.ts'

/** What is to be held in all of these scopes. */
export interface Admitted extends Amount {
  readonly kind: 'admitted'
  readonly scopes: readonly LimitedScope[]
  readonly outputTokens: number
  /** The output has to keep to it. */
  readonly isLimited: boolean
}

/** A hard limit, and its present period; null where it counts nothing that a hold has. */
interface Bound {
  readonly limit: LimitTerms
  readonly period: PeriodRow | null
}

type ResetsAt = (what: 'budget' | 'tokens' | 'calls') => number | null

type Asked = Amount & Pick<HoldTerms, 'final'>

/** Decides about a hold in all scopes of its run. Writes nothing but what a period is made of. */
export class HoldAdmission {
  readonly #context: VerbContext
  readonly #rates: Rates
  readonly #wall: WallTime

  constructor(context: VerbContext) {
    this.#context = context
    this.#rates = new Rates(context.database)
    this.#wall = new WallTime(context.database)
  }

  decide(run: RunRef, hold: HoldTerms, at: number): Admitted | Limited | NotBounded {
    const current = this.#context.limits.current()
    const scopes = scopesOf(run).map((seq) => current.of(seq))
    const notBounded = refuseUnbounded(scopes, hold)
    if (notBounded !== null) return notBounded
    const bounds = scopes.map((scope) => this.#boundsOn(scope, at))
    const outputTokens = grantOf(bounds.flat(), hold)
    const amount = { nano: nanoFor(hold, outputTokens), tokens: hold.inputTokens + outputTokens }
    const asked = { ...amount, final: hold.final }
    const refusals = scopes.flatMap((scope, place) => this.#refusalsOf(scope, bounds[place] as Bound[], asked, at))
    const isLimited = bounds.flat().some((bound) => limitsOutput(bound, hold)) || outputTokens < hold.output.most
    return gravest(refusals) ?? { kind: 'admitted', scopes, ...amount, outputTokens, isLimited }
  }

  /** For what has happened already: no limit can undo it. */
  afterwards(run: RunRef, hold: HoldTerms): Admitted {
    const current = this.#context.limits.current()
    const scopes = scopesOf(run).map((seq) => current.of(seq))
    const outputTokens = hold.output.most
    const amount = { nano: nanoFor(hold, outputTokens), tokens: hold.inputTokens + outputTokens }
    return { kind: 'admitted', scopes, ...amount, outputTokens, isLimited: false }
  }

  #boundsOn(scope: LimitedScope, at: number): readonly Bound[] {
    const { periods } = this.#context
    const hard = scope.terms.filter(({ mode }) => mode === 'hard')
    return hard.map((limit) => ({ limit, period: counts(limit) ? periods.of(scope, limit.window, at) : null }))
  }

  /** What a scope has against it. */
  #refusalsOf(scope: LimitedScope, bounds: readonly Bound[], asked: Asked, at: number): readonly Limited[] {
    const refusals: (Limited | null)[] = []
    for (const { limit, period } of bounds) {
      refusals.push(this.#wall.check(scope, limit, at))
      if (period === null) continue
      const resetsAt: ResetsAt = (what) => this.#context.periods.resetsAt(period, what, at)
      refusals.push(
        tooManyCalls(scope, limit, period, asked, resetsAt),
        ...tooMuch(scope, limit, period, asked, resetsAt),
      )
    }
    refusals.push(this.#rates.refusal(scope, useOf(asked.tokens), at))
    return refusals.filter((refusal) => refusal !== null)
  }
}

/** What a hold takes of the rates of a scope. */
export function useOf(tokens: number, calls = 1): RateUse {
  return { calls, effects: 0, tokens, tool: null }
}

function refuseUnbounded(scopes: readonly LimitedScope[], { refuseFor: why }: HoldTerms): NotBounded | null {
  if (why === null) return null
  for (const { name, runSeq, terms } of scopes) {
    for (const { mode, budgetNano, tokens } of terms) {
      // How many tokens a call takes is known without its price.
      const limit = budgetNano ?? (why === 'unbounded' ? tokens : null)
      if (mode === 'soft' || limit === null) continue
      return { kind: 'not_bounded', why, scope: name, runSeq, what: budgetNano === null ? 'tokens' : 'budget', limit }
    }
  }
  return null
}

function limitsOutput({ limit }: Bound, { outputRate }: HoldTerms): boolean {
  return (limit.budgetNano !== null && outputRate > 0) || limit.tokens !== null
}

function counts({ budgetNano, tokens, calls }: LimitTerms): boolean {
  return budgetNano !== null || tokens !== null || calls !== null
}

/** Nothing is kept back of a run's calls, so that its last word is one more. What others share has no room for that. */
function tooManyCalls(
  scope: LimitedScope,
  { calls: limit }: LimitTerms,
  { calls: spent }: PeriodRow,
  { final }: Asked,
  resetsAt: ResetsAt,
): Limited | null {
  const more = final && scope.runSeq !== null ? 1 : 0
  if (limit === null || spent < limit + more) return null
  return limited(scope, { what: 'calls', limit, spent, requested: 1 }, { resetsAt: resetsAt('calls') })
}

/** Nothing is never too much, so that what is free goes on where nothing is left. */
function tooMuch(
  scope: LimitedScope,
  terms: LimitTerms,
  period: PeriodRow,
  { nano, tokens, final }: Asked,
  resetsAt: ResetsAt,
): readonly Limited[] {
  const { spent_nano, held_nano, spent_tokens, held_tokens } = period
  const asked = [
    { what: 'budget', limit: budgetOf(terms, final), spent: spent_nano, held: held_nano, requested: nano },
    { what: 'tokens', limit: terms.tokens, spent: spent_tokens, held: held_tokens, requested: tokens },
  ] as const
  return asked.flatMap(({ what, limit, spent, held, requested }) => {
    if (limit === null || requested === 0 || spent + held + requested <= limit) return []
    const detail = { held, waitingHelps: spent + requested <= limit, resetsAt: resetsAt(what) }
    return [limited(scope, { what, limit, spent, requested }, detail)]
  })
}

/** What may be spent in all: without what is kept for the end, unless this is the end. */
function budgetOf({ budgetNano, finalReserveNano }: LimitTerms, isFinal: boolean): number | null {
  return budgetNano === null || isFinal ? budgetNano : budgetNano - finalReserveNano
}

/** The most that all limits afford, or the least that would do: then one of them refuses it. */
function grantOf(bounds: readonly Bound[], hold: HoldTerms): number {
  const { least, most } = hold.output
  const affordable = bounds.map((bound) => affordableBy(bound, hold))
  return Math.max(Math.min(least, most), Math.min(most, ...affordable))
}

function affordableBy({ limit, period }: Bound, hold: HoldTerms): number {
  const { most } = hold.output
  // More than a burst is never allowed, however long one waits.
  const bursts = limit.rates.filter((rate) => rate.of === 'tokens').map(({ burst }) => burst)
  const rooms = bursts.map((burst) => outputTokensWithin(hold, burst, most))
  if (period === null) return Math.min(most, ...rooms)
  const budget = budgetOf(limit, hold.final)
  if (budget !== null) rooms.push(outputWithin(hold, budget - period.spent_nano - period.held_nano, most))
  if (limit.tokens !== null) {
    rooms.push(outputTokensWithin(hold, limit.tokens - period.spent_tokens - period.held_tokens, most))
  }
  return Math.min(most, ...rooms)
}
