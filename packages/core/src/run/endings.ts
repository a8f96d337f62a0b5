import { loopOf } from '../config/limit-settings.ts'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import type { RunRecord } from '../store/records.ts'
import type { Endings, LoopLayer } from './run-core-facts.ts'
import type { RunOptions } from './run-options.ts'

type Stored = Partial<Endings> & { readonly loop?: LoopLayer }

/** What was said about how a run is to go on and to end, as it is stored; null if nothing was. */
export function storedOptions({ onError, onBudgetExceeded, onAbort, limits }: RunOptions): string | null {
  const text = JSON.stringify({ onError, onBudgetExceeded, onAbort, loop: loopOf(limits) })
  return text === '{}' ? null : text
}

/** What this opening says, else what an earlier one said, else the defaults: a conversation is not undone by one bad turn. */
export function endingsOf({ onError, onBudgetExceeded, onAbort }: RunOptions, run: RunRecord): Endings {
  const stored = storedIn(run)
  const failed = onError ?? stored.onError ?? (run.thread === null ? 'compensate' : 'keep')
  return {
    onError: failed,
    onBudgetExceeded: onBudgetExceeded ?? stored.onBudgetExceeded ?? failed,
    onAbort: onAbort ?? stored.onAbort ?? 'keep',
  }
}

/** What was said about loops in this very run, the last word first. */
export function loopsOf({ limits }: RunOptions, run: RunRecord): readonly LoopLayer[] {
  return [loopOf(limits), storedIn(run).loop]
}

/** What becomes of what a run did that fails of this. */
export function endFor({ onError, onBudgetExceeded }: Endings, error: unknown): 'compensate' | 'keep' {
  const isLimit = BudgetExceededError.find(error) ?? LimitExceededError.find(error)
  return isLimit === undefined ? onError : onBudgetExceeded
}

function storedIn({ options }: RunRecord): Stored {
  return JSON.parse(options ?? '{}') as Stored
}
