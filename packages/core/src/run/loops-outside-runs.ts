import type { LedgerContext } from '../config/ledger-context.ts'
import { LoopGuard } from '../guard/loop-guard.ts'

const guards = new WeakMap<LedgerContext, LoopGuard>()

/** What a ledger remembers of guarded functions that are called outside of runs; a ledger with other options begins anew. */
export function loopsOutsideRuns(context: LedgerContext): LoopGuard | undefined {
  const { loop: settings } = context
  if (settings === false) return undefined
  const known = guards.get(context)
  if (known !== undefined) return known
  const guard = new LoopGuard({ context, settings })
  guards.set(context, guard)
  return guard
}
