import type { LimitTerms } from '../limit-records.ts'

/** Whether a limit counts effects. */
export function countsEffects({ effects, tools }: LimitTerms): boolean {
  return effects !== null || tools.length > 0
}

/** Whether effects can come up against a limit. */
export function boundsEffects(limit: LimitTerms): boolean {
  return countsEffects(limit) || limit.wallMs !== null || limit.rates.some((rate) => rate.of === 'effects')
}
