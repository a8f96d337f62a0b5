import { sha256 } from '../../../util/hash.ts'
import type { CompensationOutcome } from '../../decision-verbs.ts'
import type { Claimed, EffectClaimed, EffectOutcome, Resolution } from '../../effect-verbs.ts'
import {
  argsOf,
  type OutcomeName,
  resultOf,
  resultOfClaim,
  type UndoOutcomeName,
  undoErrorOf,
  type Variant,
} from './ledger-actions.ts'

export const ERROR = JSON.stringify({ name: 'Error', message: 'of the test', fields: {} })

/** An answer in a word or two. */
export function worded(answer: { readonly kind: string; readonly reason?: string }): string {
  return answer.reason === undefined ? answer.kind : `${answer.kind}: ${answer.reason}`
}

export function settled({ argsDiffer, former = false }: Extract<EffectClaimed, { kind: 'settled' }>): string {
  return `settled${argsDiffer ? ': other arguments' : ''}${former ? ', formerly' : ''}`
}

/** `action` tells who wrote the result. */
export function outcomeOf(name: OutcomeName, place: string, claimed: Claimed, action: number): EffectOutcome {
  switch (name) {
    case 'succeeded':
      return { kind: name, result: resultOfClaim(place, claimed.generation, claimed.epoch), kept: true }
    case 'succeeded otherwise':
      return { kind: 'succeeded', result: resultOf(action), kept: true }
    case 'unknown':
      return { kind: 'unknown', error: ERROR }
    case 'retry after assumed':
      return { kind: 'retry', error: ERROR, certainty: 'assumed' }
    case 'retry after doubt':
      return { kind: 'retry', error: ERROR, certainty: 'in_doubt' }
    default:
      return { kind: 'failed', error: ERROR, certainty: name }
  }
}

export function resolutionOf(
  kind: Resolution['kind'],
  takeover: Omit<Extract<Resolution, { kind: 'takeover' }>, 'kind'>,
  action: number,
): Resolution {
  if (kind === 'takeover') return { kind, ...takeover }
  return kind === 'applied' ? { kind, result: resultOf(action), kept: true } : { kind }
}

export function undoOutcomeOf(name: UndoOutcomeName): CompensationOutcome {
  if (name === 'compensated') return { kind: name }
  return name === 'retry' ? { kind: name, error: ERROR } : { kind: 'failed', error: undoErrorOf(name) }
}

export function hashOf(variant: Variant): Buffer {
  return sha256(argsOf(variant))
}
