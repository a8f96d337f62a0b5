import type { Claimed } from '../store/effect-verbs.ts'
import type { Certainty } from '../store/records.ts'
import type { Invocation } from './invocation.ts'

/**
 * That one attempt had no effect says nothing of those before it in the same generation: it exists because theirs is
 * not known. Only rows that are written with the commit itself are surely not there.
 */
export function overGeneration(own: Certainty, { execute }: Invocation['tool'], { attempt }: Claimed): Certainty {
  return own === 'not_applied' && attempt > 1 && execute !== undefined ? 'in_doubt' : own
}
