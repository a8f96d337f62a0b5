import type { Lane } from './lane.ts'
import type { LiveBody } from './live-body.ts'

/**
 * What the loop guard's memory hangs on: the lane, or the work in which something is called that is not gone through
 * again once its outcome is served.
 */
export function strandOf(lane: Lane, body: LiveBody | null): object {
  return body?.hasNoLane === true ? body : lane
}
