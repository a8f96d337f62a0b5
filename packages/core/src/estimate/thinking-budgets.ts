import { fieldsOf } from '../usage/fields.ts'
import type { Fields } from '../usage/usage-reading.ts'
import { capValue, type MemberPath, memberAt } from './cap-fields.ts'
import type { Dialect } from './dialect.ts'

/** Tokens that a request sets aside for thinking. */
export interface ThinkingBudget {
  readonly path: MemberPath
  readonly tokens: number
}

/** Less than this Anthropic refuses. */
export const LEAST_THINKING_BUDGET = 1_024

/**
 * The budgets for thinking that hang together with the cap: Anthropic's must be below it; the AI SDK's for Anthropic and
 * Bedrock are added to it before it is sent.
 */
export function thinkingBudgets(request: Fields, dialect: Dialect): readonly ThinkingBudget[] {
  if (dialect === 'anthropic') return budgetsAt(request, [['thinking', 'budget_tokens']])
  if (dialect !== 'ai-sdk') return []
  const names = Object.keys(fieldsOf(request.providerOptions))
  return budgetsAt(
    request,
    names.flatMap((name) => [
      ['providerOptions', name, 'thinking', 'budgetTokens'],
      ['providerOptions', name, 'reasoningConfig', 'budgetTokens'],
    ]),
  )
}

function budgetsAt(request: Fields, paths: readonly MemberPath[]): ThinkingBudget[] {
  return paths.flatMap((path) => {
    const tokens = capValue(memberAt(request, path))
    const isOff = memberAt(request, [...path.slice(0, -1), 'type']) === 'disabled'
    return tokens === undefined || isOff ? [] : [{ path, tokens }]
  })
}
