import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunScope } from '../lane/run-scope.ts'

/**
 * Records what a hold comes to. Where the store is out of reach it is kept until it is back; if it blocks the agent, the
 * run is halted, and `StoreUnavailableError` thrown.
 */
export async function recordSettlement(run: RunScope, model: string, record: () => Promise<void>): Promise<void> {
  try {
    await record()
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    run.keepOutcome(record)
    if (run.context.onOutage === 'allow') return run.unprotected({ kind: 'call', name: model, failed: false }, error)
    await run.halt(error)
    throw error
  }
}
