import type { Compensated } from '../compensation/compensate-run.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { RunAbandonedError } from '../errors/run-abandoned-error.ts'
import type { RunRecord } from '../store/records.ts'
import { endFailed } from './ending.ts'
import { openRun } from './open-run.ts'

/** What became of a run that was closed. `undone`: what undoing it came to; `error`: why it could not be gone through with. */
export interface Abandoned {
  readonly undone?: Compensated | undefined
  readonly error?: unknown
}

/** Takes over a run whose process is gone and closes it as failed; what it did is undone, or stays. */
export async function closeAbandoned(
  context: LedgerContext,
  { id }: RunRecord,
  then: 'compensate' | 'keep',
): Promise<Abandoned> {
  const opened = await openRun(context, { id, parent: null }, undefined)
  if (opened.kind !== 'open' || opened.core.mode !== 'live') return {}
  const { core } = opened
  // How it is closed now says nothing of how its next attempt is to end.
  const problem = await endFailed(core, new RunAbandonedError({ runId: id }), then)
  if (core.undone !== undefined || !CompensationFailedError.isInstance(problem)) return { undone: core.undone }
  // Somebody else took it over, and goes on with it.
  const isElsewhere = problem.failures.some(({ error }) => error.code === LeaseLostError.code)
  return isElsewhere ? {} : { error: problem }
}
