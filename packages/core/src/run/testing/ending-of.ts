import type { Ledger } from '../../ledger.ts'
import type { Run } from '../run.ts'
import type { RunOptions } from '../run-options.ts'

/** What a run ended with, be it an error. */
export function endingOf(ledger: Ledger, options: RunOptions, agent: (run: Run) => unknown): Promise<unknown> {
  return ledger.run(options, async (run) => agent(run)).catch((error: unknown) => error)
}
