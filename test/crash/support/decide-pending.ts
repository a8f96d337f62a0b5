import type { Ledger } from 'holdfast'
import { reach } from './crash-plan.ts'
import type { Outside } from './outside.ts'
import { stepsOf, type Trip } from './trip.ts'

/** Decides every open question as the trip says, and tells the service first. Answers how many there were. */
export async function decidePending(ledger: Ledger, trip: Trip, outside: Outside): Promise<number> {
  let decided = 0
  for await (const { key, generation, tool } of ledger.approvals.pending()) {
    const decision = stepsOf(trip).find(({ what }) => what === tool)?.decision ?? 'deny'
    await outside.decide({ what: tool, decision }, { key, generation })
    reach('before-decision')
    await ledger.approvals[decision](key, { by: 'a human' })
    reach('after-decision')
    decided++
  }
  return decided
}
