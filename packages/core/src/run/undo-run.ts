import { type Compensated, compensateRun } from '../compensation/compensate-run.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { Lane } from '../lane/lane.ts'
import type { SeenTools } from '../lane/seen-tools.ts'
import type { RunRecord, RunRef } from '../store/records.ts'
import { RunCore } from './run-core.ts'

/** A run that is there to be compensated, or asked about: nothing of its agent's starts in it. To be bound to its run. */
export function closedCore(context: LedgerContext, record: RunRecord, ref: RunRef, tools?: SeenTools): RunCore {
  const endings = { onError: 'keep', onBudgetExceeded: 'keep', onAbort: 'keep' } as const
  const facts = { context, record, ref, how: 'resumed', mode: 'live', root: new Lane(''), endings } as const
  const core = new RunCore({ ...facts, parent: undefined, ...(tools === undefined ? {} : { tools }) })
  core.close('compensating')
  return core
}

/** Undoes what a run did, under the epoch that it was given for that. Throws `ConfigError` for a tool that is missing. */
export async function undoRun(core: RunCore): Promise<Compensated> {
  core.opened()
  try {
    return await compensateRun(core)
  } finally {
    core.ended()
  }
}
