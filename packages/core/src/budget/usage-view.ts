import type { LedgerContext } from '../config/ledger-context.ts'
import { limitsOf } from '../config/limit-terms.ts'
import type { Limits } from '../config/limits.ts'
import type { LimitUsage, ScopeUsage } from '../store/limit-records.ts'
import { type Usd, usdFromNano } from '../usd.ts'
import { CodeLimits } from './code-limits.ts'

/** What a scope has used since it began, and what is left. Amounts are nano-USD: `formatUsd` shows them. */
export interface Usage {
  readonly scope: string
  readonly spent: Usd
  /** Put aside for calls in flight. */
  readonly held: Usd
  /** The least that any hard budget still allows, without what only `run.final` may spend; undefined: none limits it. */
  readonly remaining: Usd | undefined
  /** When that budget has more by itself; undefined: never. */
  readonly resetsAt: Date | undefined
  readonly tokens: number
  readonly heldTokens: number
  readonly calls: number
  /** Of a run: those of every scope that it counts on. */
  readonly limits: readonly UsedLimit[]
}

/** One limit, and what is used of it in its present period. */
export interface UsedLimit {
  readonly scope: string
  readonly limit: Limits
  readonly since: Date
  /** Undefined: never by itself. */
  readonly resetsAt: Date | undefined
  readonly spent: Usd
  readonly held: Usd
  /** Undefined: it is no budget. */
  readonly remaining: Usd | undefined
  readonly tokens: number
  readonly heldTokens: number
  readonly calls: number
  /** Undefined: it does not limit them. */
  readonly effects: number | undefined
  /** Effects of the tools that it limits. */
  readonly tools: Readonly<Record<string, number>>
}

/** Reads what a scope has used. `others`: scopes whose limits count for it too. */
export async function readUsage(context: LedgerContext, scope: string, others: readonly string[] = []): Promise<Usage> {
  const { store, clock } = context
  const names = [...new Set(others)].filter((name) => name !== scope)
  await CodeLimits.of(context).ready([scope, ...names])
  const at = clock.now()
  const above = names.map(async (name) => limitsIn(name, await store.readLimits(name, at)))
  const [own, ...more] = await Promise.all([store.readUsage(scope, at), ...above])
  return usageView(scope, own, [...limitsIn(scope, own?.limits ?? []), ...more.flat()])
}

function usageView(scope: string, own: ScopeUsage | null, limits: readonly UsedLimit[]): Usage {
  const tightest = tightestOf(limits)
  return {
    scope,
    spent: usdFromNano(own?.spentNano ?? 0),
    held: usdFromNano(own?.heldNano ?? 0),
    remaining: tightest?.remaining,
    resetsAt: tightest?.resetsAt,
    tokens: own?.spentTokens ?? 0,
    heldTokens: own?.heldTokens ?? 0,
    calls: own?.calls ?? 0,
    limits,
  }
}

function limitsIn(scope: string, limits: readonly LimitUsage[]): readonly UsedLimit[] {
  return limits.map((limit) => usedLimit(scope, limit))
}

function usedLimit(scope: string, usage: LimitUsage): UsedLimit {
  const { terms, startsAt, endsAt, spentNano, heldNano } = usage
  return {
    scope,
    limit: limitsOf(terms),
    since: new Date(startsAt),
    resetsAt: endsAt === null ? undefined : new Date(endsAt),
    spent: usdFromNano(spentNano),
    held: usdFromNano(heldNano),
    remaining: remainingOf(usage),
    tokens: usage.spentTokens,
    heldTokens: usage.heldTokens,
    calls: usage.calls,
    effects: terms.effects === null ? undefined : usage.effects,
    tools: Object.fromEntries(usage.tools.map(({ tool, effects }) => [tool, effects])),
  }
}

/** What was spent beyond a limit is no debt: there is nothing left. */
function remainingOf({ terms, spentNano, heldNano }: LimitUsage): Usd | undefined {
  const { budgetNano, finalReserveNano } = terms
  if (budgetNano === null) return undefined
  return usdFromNano(Math.max(0, budgetNano - finalReserveNano - spentNano - heldNano))
}

function tightestOf(limits: readonly UsedLimit[]): UsedLimit | undefined {
  const hard = limits.filter(({ limit, remaining }) => limit.mode !== 'soft' && remaining !== undefined)
  return hard.reduce<UsedLimit | undefined>((least, one) => (roomIn(one) < roomIn(least) ? one : least), undefined)
}

function roomIn(limit: UsedLimit | undefined): number {
  return limit?.remaining ?? Number.POSITIVE_INFINITY
}
