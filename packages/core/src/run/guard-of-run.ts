import { resolveLoop } from '../config/loop-options.ts'
import { LoopGuard } from '../guard/loop-guard.ts'
import type { RunCoreFacts } from './run-core-facts.ts'

/** What looks for loops in a run. In one that is only gone through again it stops nothing: there it says again what it advised. */
export function guardOfRun({ context, record, mode, loopLayers }: RunCoreFacts): LoopGuard | undefined {
  const settings = loopLayers === undefined ? context.loop : resolveLoop(...loopLayers)
  if (settings === false) return undefined
  return new LoopGuard({ context, settings, runId: record.id, attempt: record.attempt, stops: mode !== 'records' })
}
