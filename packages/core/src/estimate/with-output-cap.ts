import { isFields } from '../usage/fields.ts'
import type { Fields } from '../usage/usage-reading.ts'
import { type CapTarget, capPaths, capValue, memberAt, newCapPath, withMember } from './cap-fields.ts'
import type { Dialect } from './dialect.ts'
import { addedForThinking, answerCount, outputCap } from './output-cap.ts'
import { LEAST_THINKING_BUDGET, thinkingBudgets } from './thinking-budgets.ts'

type KnownTarget = CapTarget & { readonly dialect: Dialect }

// Less than this OpenAI's Responses refuse.
const LEAST_RESPONSE = 16

/**
 * A request whose answers have at most `tokens` of output together, thinking included: itself, if its own cap is as low,
 * else a copy. Undefined where that cannot be written: for a shape that we do not know, and for less than the API takes.
 */
export function withOutputCap(request: unknown, target: CapTarget, tokens: number): unknown {
  const { dialect } = target
  const cap = outputCap(request, dialect)
  if (cap && cap.tokens <= tokens) return request
  if (dialect === undefined || !isFields(request)) return undefined
  const each = Math.floor(tokens / answerCount(request, dialect))
  if (each < (dialect === 'openai-responses' ? LEAST_RESPONSE : 1)) return undefined
  if (thinkingBudgets(request, dialect).length > 0) return withLessThinking(request, dialect, each)
  return withCap(request, { ...target, dialect }, each)
}

/** Lowers every cap that is there: nobody knows which one this host reads. */
function withCap(request: Fields, target: KnownTarget, value: number): Fields | undefined {
  const set = capPaths(target.dialect).filter((path) => capValue(memberAt(request, path)) !== undefined)
  const added = newCapPath(request, target)
  const paths = set.length === 0 && added ? [added] : set
  if (paths.length === 0) return undefined
  return paths.reduce((copy, path) => {
    const own = capValue(memberAt(request, path)) ?? value
    return withMember(copy, path, Math.min(own, value))
  }, request)
}

/** Thinking keeps the share of the whole that its caller gave it, and always leaves room for an answer. */
function withLessThinking(request: Fields, dialect: Dialect, each: number): Fields | undefined {
  const budgets = thinkingBudgets(request, dialect)
  const thinking = budgets.reduce((sum, budget) => sum + budget.tokens, 0)
  const cap = outputCap(request, dialect)
  const whole = cap ? cap.tokens : thinking * 2
  const copy = budgets.reduce((fields, { path, tokens }) => {
    const share = Math.max(LEAST_THINKING_BUDGET, Math.floor((tokens / whole) * each))
    return withMember(fields, path, Math.min(tokens, share))
  }, request)
  const left = each - addedForThinking(copy, dialect)
  // Anthropic's cap holds both, and must be above what is for thinking; the AI SDK's is for the answer alone.
  const taken = dialect === 'ai-sdk' ? 0 : Math.max(...thinkingBudgets(copy, dialect).map((budget) => budget.tokens))
  return left > taken ? withCap(copy, { dialect, provider: '' }, left) : undefined
}
