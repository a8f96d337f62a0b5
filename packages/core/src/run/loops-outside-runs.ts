import type { LedgerContext } from '../config/ledger-context.ts'
import type { LoopCount } from '../guard/loop-counts.ts'
import { LoopGuard } from '../guard/loop-guard.ts'

/** What this process called outside of runs by functions of `loopGuard`; in a run it is `run.loops`. */
export interface LedgerLoops {
  /** How often each of the last calls was answered the same, the newest first; nothing with `loop: false`. */
  counts(): readonly LoopCount[]
  /** Forgets what was called so far, by one function, or by all: what was stopped may be called again. */
  reset(name?: string): void
}

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
