import type { RunScope } from '../lane/run-scope.ts'
import type { HoldSettled } from '../store/limit-records.ts'
import { usdFromNano } from '../usd.ts'
import { WaitingLines } from './waiting-lines.ts'

/** Tells what a settlement brought about: whoever waits for room looks again. `isLimited`: a hard limit counts it. */
export function tellSettled(
  { id: runId, context }: Pick<RunScope, 'id' | 'context'>,
  model: string,
  isLimited: boolean,
  settled: HoldSettled | null,
): void {
  const { store, events } = context
  WaitingLines.of(store).roomAgain()
  if (settled?.kind !== 'settled') return
  for (const reached of settled.reached) events.emit('threshold-reached', { runId, ...reached })
  const { overrunNano, overrunTokens } = settled
  if (!isLimited || (overrunNano === 0 && overrunTokens === 0)) return
  events.emit('overrun', { runId, model, over: usdFromNano(overrunNano), overTokens: overrunTokens })
}
