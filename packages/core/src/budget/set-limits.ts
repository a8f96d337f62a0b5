import type { LedgerContext } from '../config/ledger-context.ts'
import type { LimitTerms } from '../store/limit-records.ts'

/** Sets limits by the scope's name or pattern, and tells of those that were not so already. */
export async function setLimits(
  { store, clock, events }: LedgerContext,
  source: 'code' | 'runtime',
  terms: ReadonlyMap<string, readonly LimitTerms[] | null>,
): Promise<void> {
  const limits = Array.from(terms, ([pattern, one]) => ({ pattern, source, terms: one }))
  const { changed } = await store.setLimits({ limits, at: clock.now() })
  for (const scope of changed) events.emit('limits-set', { scope, source })
}
