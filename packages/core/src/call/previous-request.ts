import type { PreviousRequest } from '../codec/request-delta.ts'
import type { Lane } from '../lane/lane.ts'

const previous = new WeakMap<Lane, PreviousRequest>()

/** The lane's last request, which the next one probably continues. */
export function previousRequest(lane: Lane): PreviousRequest | undefined {
  return previous.get(lane)
}

export function rememberRequest(lane: Lane, request: PreviousRequest): void {
  previous.set(lane, request)
}
