import { resolveLoop } from '../config/loop-options.ts'
import { LoopGuard } from '../guard/loop-guard.ts'
import type { RunCoreFacts } from './run-core-facts.ts'

/** What looks for loops in a run; nothing does in one that is only gone through again. */
export function guardOfRun({ context, record, mode, loopLayers }: RunCoreFacts): LoopGuard | undefined {
  const settings = loopLayers === undefined ? context.loop : resolveLoop(...loopLayers)
  if (settings === false || mode === 'records') return undefined
  return new LoopGuard({ context, settings, runId: record.id, countsServed: record.attempt === 1 })
}
