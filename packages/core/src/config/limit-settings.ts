import type { LimitTerms } from '../store/limit-records.ts'
import type { Usd } from '../usd.ts'
import { limitTerms } from './limit-terms.ts'
import { type Limits, listOf, type OneOrMany } from './limits.ts'
import type { LoopOptions } from './loop-options.ts'
import { fits } from './scope-names.ts'

/** Limits of a scope that are asked for when a run first names it. */
export type LimitsFor = (scope: string) => OneOrMany<Limits> | Promise<OneOrMany<Limits>>

/** By the scope's name, or the beginning of names and `*`. Empty ones declare a scope that is not limited. */
export type ScopeLimits = Readonly<Record<string, OneOrMany<Limits> | LimitsFor>>

/** What a ledger's code says of limits. */
export interface LimitSettings {
  /** On the session; null: nothing. */
  readonly session: readonly LimitTerms[] | null
  /** What the calls outside of runs of a session may spend; null where the session has limits. */
  readonly loose: readonly LimitTerms[] | null
  readonly loop: LoopOptions | false | undefined
  readonly scopes: ReadonlyMap<string, readonly LimitTerms[]>
  readonly askedFor: ReadonlyMap<string, LimitsFor>
  /** What this ledger's code said before it was given other options, and says no more. */
  readonly dropped: readonly string[]
}

/** Options that were checked, as they are kept to. `living`: what the same ledger's code said until now. */
export function limitSettings(
  options: { readonly limits?: OneOrMany<Limits>; readonly scopes?: ScopeLimits },
  looseBudget: Usd,
  living?: LimitSettings,
): LimitSettings {
  const session = limitTerms(options.limits)
  const scopes = Object.entries(options.scopes ?? {})
  const declared = new Map(
    scopes.flatMap(([pattern, value]) => (isAskedFor(value) ? [] : [[pattern, termsIn(value)] as const])),
  )
  return {
    session,
    loose: session === null ? limitTerms({ budget: looseBudget }) : null,
    loop: loopOf(options.limits),
    scopes: declared,
    askedFor: new Map(scopes.flatMap(([pattern, value]) => (isAskedFor(value) ? [[pattern, value] as const] : []))),
    dropped: Array.from(living?.scopes.keys() ?? []).filter((pattern) => !declared.has(pattern)),
  }
}

/** The one word about loops among limits. */
export function loopOf(limits: OneOrMany<Limits> | undefined): LoopOptions | false | undefined {
  return limits === undefined ? undefined : listOf(limits).find(({ loop }) => loop !== undefined)?.loop
}

/** The function to ask for the limits of a scope; undefined where its code says them itself, or says nothing. */
export function askFor({ scopes, askedFor }: LimitSettings, name: string): LimitsFor | undefined {
  const patterns = [...scopes.keys(), ...askedFor.keys()].filter((pattern) => pattern === name || fits(pattern, name))
  const best = patterns.sort((one, other) => rank(other, name) - rank(one, name))[0]
  return best === undefined ? undefined : askedFor.get(best)
}

function rank(pattern: string, name: string): number {
  return pattern === name ? Number.POSITIVE_INFINITY : pattern.length
}

/** Limits of a scope are always a word: what says nothing else says that it is known, and not limited. */
export function termsIn(limits: OneOrMany<Limits>): readonly LimitTerms[] {
  return limitTerms(limits) ?? []
}

/** Whether they are to be asked for. */
export function isAskedFor(limits: OneOrMany<Limits> | LimitsFor): limits is LimitsFor {
  return typeof limits === 'function'
}
