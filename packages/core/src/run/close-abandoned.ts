import type { LedgerContext } from '../config/ledger-context.ts'
import { RunAbandonedError } from '../errors/run-abandoned-error.ts'
import type { RunRecord } from '../store/records.ts'
import { endFailed } from './ending.ts'
import { openRun } from './open-run.ts'

/** Takes over a run whose process is gone and closes it as failed; what it did is undone, or stays. */
export async function closeAbandoned(
  context: LedgerContext,
  { id }: RunRecord,
  then: 'compensate' | 'keep',
): Promise<void> {
  const opened = await openRun(context, { id, parent: null, onError: then }, undefined)
  if (opened.kind === 'open' && opened.core.mode === 'live')
    await endFailed(opened.core, new RunAbandonedError({ runId: id }))
}
