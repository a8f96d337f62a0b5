import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { RunCanceledError } from '../errors/run-canceled-error.ts'
import { errorBody } from '../errors/serialize.ts'
import { LeaseKeeper } from '../lease/lease-keeper.ts'

/**
 * Cancels a run, wherever it is executed: its owner learns of it with its next verb, or when it renews. Answers false
 * for a run that had ended. Throws `ConfigError` for one that does not exist.
 */
export async function cancelRun(context: LedgerContext, id: string, reason?: string): Promise<boolean> {
  const { store, clock } = context
  const error = new RunCanceledError(reason === undefined ? { runId: id } : { runId: id, cause: new Error(reason) })
  const answer = await store.cancelRun({ id, error: errorBody(error), at: clock.now() })
  if (answer.kind === 'missing') throw new ConfigError(`no run has the id '${id}'; nothing was canceled.`)
  // If it runs in this very process, its bodies hear of it now.
  if (answer.kind === 'canceled') await LeaseKeeper.of(store, clock).beat()
  return answer.kind === 'canceled'
}
