import type { Claimed } from '../store/effect-verbs.ts'
import type { Certainty } from '../store/records.ts'
import type { Invocation } from './invocation.ts'

/**
 * What an attempt's error says of its whole generation. That one attempt had no effect says nothing of those before
 * it: it exists because theirs is not known. Only rows that are written with the commit itself are surely not there,
 * and only the tool's own `certainty` may speak for all attempts under the key, because it is asked to.
 */
export function overGeneration(own: Certainty, tool: Invocation['tool'], claim: Claimed, error: unknown): Certainty {
  if (own !== 'not_applied' || claim.attempt === 1 || tool.execute === undefined) return own
  return saysItself(tool, error) ? own : 'in_doubt'
}

function saysItself({ certainty }: Invocation['tool'], error: unknown): boolean {
  try {
    return certainty?.(error) === 'not_applied'
  } catch {
    return false
  }
}
