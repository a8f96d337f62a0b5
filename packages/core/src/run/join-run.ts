import type { LedgerContext } from '../config/ledger-context.ts'
import type { RunRecord } from '../store/records.ts'
import { backoffDelay } from '../util/backoff.ts'

/** Waits until a run that is executed elsewhere has ended; undefined when nobody executes it any more. */
export async function waitForEnd(
  context: LedgerContext,
  id: string,
  signal: AbortSignal | undefined,
): Promise<RunRecord | undefined> {
  const { store, clock, random, wait } = context
  for (let turn = 0; ; turn++) {
    const run = await store.readRun(id)
    if (run === null || run.dead || run.status === 'waiting') return undefined
    if (run.endedAt !== null) return run
    await clock.sleep(Math.max(1, backoffDelay(wait, turn, random)), signal)
  }
}
