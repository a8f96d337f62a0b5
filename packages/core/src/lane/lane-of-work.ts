import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { workLaneName } from '../util/effect-key-text.ts'
import { Lane } from './lane.ts'
import type { RunScope } from './run-scope.ts'

/**
 * The lane of work that is recorded as a whole: the function of a value, the sender of a call. Once its outcome is
 * served, the work is not gone through again: in the lane around it, its record would answer whoever comes next.
 */
export function laneOfWork(
  { run, lane }: { readonly run: RunScope; readonly lane: Lane },
  key: Buffer,
  number: number,
): Lane | Promise<Lane> {
  const id = () => workLaneName(lane.id, key, number)
  return lane.wasRecorded ? formerLane(run, id()) : run.newLane(id)
}

/**
 * Work is a part of the story around it: what was recorded in it is served again, its failures too, unless the lane
 * around it was reopened without them.
 */
async function formerLane(run: RunScope, id: string): Promise<Lane> {
  const { store, onOutage } = run.context
  try {
    await run.answers.drained()
    return new Lane(id, await store.readLane(run.ref.seq, id))
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    if (onOutage === 'allow') return run.newLane(() => id)
    await run.halt(error)
    throw error
  }
}
