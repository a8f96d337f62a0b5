import type { RunRecord } from '../store/records.ts'
import type { Endings } from './run-core-facts.ts'
import type { RunOptions } from './run-options.ts'

/** What was said about how a run is to end, as it is stored; null if nothing was. */
export function storedEndings({ onError, onAbort }: RunOptions): string | null {
  if (onError === undefined && onAbort === undefined) return null
  return JSON.stringify({ onError, onAbort })
}

/** What this opening says, else what an earlier one said, else the defaults: a conversation is not undone by one bad turn. */
export function endingsOf({ onError, onAbort }: RunOptions, run: RunRecord): Endings {
  const stored = JSON.parse(run.options ?? '{}') as Partial<Endings>
  return {
    onError: onError ?? stored.onError ?? (run.thread === null ? 'compensate' : 'keep'),
    onAbort: onAbort ?? stored.onAbort ?? 'keep',
  }
}
