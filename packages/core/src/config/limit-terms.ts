import type { LimitTerms, LimitWindow, RateTerms } from '../store/limit-records.ts'
import type { Usd } from '../usd.ts'
import {
  LIMIT_DEFAULTS,
  type LimitPeriod,
  type Limits,
  listOf,
  type OneOrMany,
  type RateLimit,
  type ToolLimits,
  type ToolRateLimit,
} from './limits.ts'

const RATED = ['calls', 'effects', 'tokens'] as const

/**
 * Checked limits as they are stored; none of them: known, and not limited. Null where they say nothing that is stored:
 * they were not given, or are about loops alone, which every process guards for itself.
 */
export function limitTerms(limits: OneOrMany<Limits> | undefined): readonly LimitTerms[] | null {
  if (limits === undefined) return null
  const list = listOf(limits)
  if (list.length > 0 && list.every(isOnlyAboutLoops)) return null
  return list.filter(isStored).map(termsOf)
}

function termsOf(limits: Limits): LimitTerms {
  const { mode = LIMIT_DEFAULTS.mode, window, thresholds = LIMIT_DEFAULTS.thresholds[mode] } = limits
  // In one order, so that limits that say the same are the same.
  const tools = Object.entries(limits.tools ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    mode,
    budgetNano: limits.budget ?? null,
    finalReserveNano: limits.finalReserve ?? 0,
    tokens: limits.tokens ?? null,
    calls: limits.calls ?? null,
    effects: limits.effects ?? null,
    wallMs: limits.wallMs ?? null,
    rates: [...ratesOf(limits.rate, null), ...tools.flatMap(([tool, { rate }]) => ratesOf(rate, tool))],
    tools: tools.flatMap(([tool, { effects }]) => (effects === undefined ? [] : [{ tool, effects }])),
    window: windowOf(window),
    thresholds: [...new Set(thresholds)].sort((one, other) => one - other),
  }
}

/** What was stored, as somebody would write it. */
export function limitsOf(terms: LimitTerms): Limits {
  const { budgetNano, finalReserveNano, tokens, calls, effects, wallMs, mode, thresholds } = terms
  const rate = terms.rates.filter(({ tool }) => tool === null).map(rateOf)
  const tools = toolsOf(terms)
  const isDefault = thresholds.join() === LIMIT_DEFAULTS.thresholds[mode].join()
  return {
    ...(budgetNano === null ? {} : { budget: budgetNano as Usd }),
    ...(tokens === null ? {} : { tokens }),
    ...(calls === null ? {} : { calls }),
    ...(effects === null ? {} : { effects }),
    ...(wallMs === null ? {} : { wallMs }),
    ...(rate.length === 0 ? {} : { rate }),
    ...(Object.keys(tools).length === 0 ? {} : { tools }),
    ...(terms.window === null ? {} : { window: terms.window }),
    ...(mode === LIMIT_DEFAULTS.mode ? {} : { mode }),
    ...(isDefault ? {} : { thresholds }),
    ...(finalReserveNano === 0 ? {} : { finalReserve: finalReserveNano as Usd }),
  }
}

function isOnlyAboutLoops(limits: Limits): boolean {
  return limits.loop !== undefined && !isStored(limits)
}

function isStored({ loop: _, ...others }: Limits): boolean {
  return Object.values(others).some((value) => value !== undefined)
}

function ratesOf(rate: OneOrMany<RateLimit | ToolRateLimit> | undefined, tool: string | null): RateTerms[] {
  return (rate === undefined ? [] : listOf<RateLimit>(rate)).flatMap((one) =>
    RATED.flatMap((of) => {
      const { [of]: count, perMs, burst = count } = one
      return count === undefined || burst === undefined ? [] : [{ of, tool, count, perMs, burst }]
    }),
  )
}

function rateOf({ of, count, perMs, burst }: RateTerms): RateLimit {
  return { [of]: count, perMs, ...(burst === count ? {} : { burst }) }
}

function toolsOf({ tools, rates }: LimitTerms): Readonly<Record<string, ToolLimits>> {
  const names = new Set([...tools.map(({ tool }) => tool), ...rates.flatMap(({ tool }) => tool ?? [])])
  return Object.fromEntries(
    Array.from(names, (name) => {
      const effects = tools.find(({ tool }) => tool === name)?.effects
      const rate = rates.filter(({ tool }) => tool === name).map((terms) => rateOf(terms) as ToolRateLimit)
      return [name, { ...(effects === undefined ? {} : { effects }), ...(rate.length === 0 ? {} : { rate }) }]
    }),
  )
}

function windowOf(window: LimitPeriod | undefined): LimitWindow {
  if (window === undefined) return null
  if ('rollingMs' in window) return { rollingMs: window.rollingMs }
  return { every: window.every, timeZone: window.timeZone ?? LIMIT_DEFAULTS.timeZone }
}
