import type { LimitTerms, LimitUsage, ScopeUsage } from '../limit-records.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { RUN_PREFIX } from './limit-pattern.ts'
import { countsEffects } from './limits-on-effects.ts'
import { type ToolEffects, total } from './period-origins.ts'
import { PeriodReader, type PeriodView } from './period-reader.ts'
import { Scopes } from './scopes.ts'

/** Tells what a scope has used, and what is left of its limits. */
export class UsageReader {
  readonly #context: VerbContext
  readonly #scopes: Scopes
  readonly #periods: PeriodReader
  readonly #runSeq: SqliteStatement<{ seq: number }>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#scopes = new Scopes(database)
    this.#periods = new PeriodReader(database)
    this.#runSeq = database.prepare('SELECT seq FROM run WHERE id = ?')
  }

  readUsage(scope: string, at: number): ScopeUsage | null {
    const seq = this.#seqOf(scope)
    const terms = this.#context.limits.current().find(scope)
    if (seq === null && terms === null) return null
    const ever = this.#periods.look(seq ?? NOBODY, { window: null, at, withEffects: false })
    return { scope, ...spentAndHeld(ever), calls: ever.amounts.calls, limits: this.#limitsOf(seq, terms, at) }
  }

  /** Looks at nothing that is older than the windows of the limits. */
  readLimits(scope: string, at: number): readonly LimitUsage[] {
    const terms = this.#context.limits.current().find(scope)
    return this.#limitsOf(this.#seqOf(scope), terms, at)
  }

  #limitsOf(seq: number | null, terms: readonly LimitTerms[] | null, at: number): readonly LimitUsage[] {
    return (terms ?? []).map((limit) => {
      const asked = { window: limit.window, at, withEffects: countsEffects(limit) }
      return usageOf(limit, this.#periods.look(seq ?? NOBODY, asked))
    })
  }

  #seqOf(scope: string): number | null {
    const run = scope.startsWith(RUN_PREFIX) ? this.#runSeq.get(scope.slice(RUN_PREFIX.length)) : undefined
    return run?.seq ?? this.#scopes.find(scope)
  }
}

/** No scope has this number: nothing is found of it. */
const NOBODY = 0

type Spent = Pick<ScopeUsage, 'spentNano' | 'heldNano' | 'spentTokens' | 'heldTokens'>

function spentAndHeld({ amounts }: PeriodView): Spent {
  const { spent_nano: spentNano, held_nano: heldNano, spent_tokens: spentTokens, held_tokens: heldTokens } = amounts
  return { spentNano, heldNano, spentTokens, heldTokens }
}

function usageOf(terms: LimitTerms, period: PeriodView): LimitUsage {
  const { startsAt, endsAt, amounts } = period
  const tools = terms.tools.map(({ tool }) => ({ tool, effects: effectsOf(tool, period.tools) }))
  const effects = total(period.tools, 'effects')
  return { terms, startsAt, endsAt, ...spentAndHeld(period), calls: amounts.calls, effects, tools }
}

/** They may come from several buckets. */
function effectsOf(tool: string, counted: readonly ToolEffects[]): number {
  return counted.reduce((sum, one) => (one.tool === tool ? sum + one.effects : sum), 0)
}
