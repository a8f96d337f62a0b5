import { fieldsOf, isFields } from '../usage/fields.ts'
import type { Fields } from '../usage/usage-reading.ts'
import { capPaths, capValue, memberAt } from './cap-fields.ts'
import type { Dialect } from './dialect.ts'
import type { OutputCap } from './estimate.ts'
import { thinkingBudgets } from './thinking-budgets.ts'

/** The most that a request lets its answers have; undefined if it sets no cap. */
export function outputCap(request: unknown, dialect: Dialect | undefined): OutputCap | undefined {
  if (dialect === 'openai-embeddings') return { field: null, value: 0, answers: 1, tokens: 0 }
  if (dialect === undefined || !isFields(request)) return undefined
  const caps = capPaths(dialect).flatMap((path) => {
    const value = capValue(memberAt(request, path))
    return value === undefined ? [] : [{ field: path.join('.'), value }]
  })
  // Of two, nobody knows which one this host reads.
  const cap = caps.toSorted((one, other) => other.value - one.value)[0]
  if (cap === undefined) return undefined
  const answers = answerCount(request, dialect)
  return { ...cap, answers, tokens: cap.value * answers + addedForThinking(request, dialect) }
}

/** How many answers a request asks for. */
export function answerCount(request: Fields, dialect: Dialect): number {
  switch (dialect) {
    case 'openai-chat':
      return countOf(request.n)
    case 'openai-completions':
      // All of which the best is chosen are billed.
      return Math.max(countOf(request.n), countOf(request.best_of)) * promptCount(request.prompt)
    case 'gemini': {
      const config = fieldsOf(request.generationConfig ?? request.generation_config ?? request.config)
      return countOf(config.candidateCount ?? config.candidate_count)
    }
    default:
      return 1
  }
}

/** Hosts that are lenient take a text for the number that it is. */
function countOf(value: unknown): number {
  return capValue(typeof value === 'string' ? Number(value) : value) ?? 1
}

/** What the AI SDK adds to its cap. */
export function addedForThinking(request: Fields, dialect: Dialect): number {
  if (dialect !== 'ai-sdk') return 0
  return thinkingBudgets(request, dialect).reduce((sum, { tokens }) => sum + tokens, 0)
}

/** A list holds one prompt, as the numbers of its tokens, or several. */
function promptCount(prompt: unknown): number {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1
}
