import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunScope } from './run-scope.ts'

/** A record that cannot be read stops the run: going on without it could do again what it says was done. */
export async function stoppedByOutage<T>(run: RunScope, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (StoreUnavailableError.isInstance(error)) await run.halt(error)
    throw error
  }
}
