import { sharedState } from '../util/shared-state.ts'
import type { LiveBody } from './live-body.ts'

/** Bodies that run in this process, by effect: for all runs and ledgers of one store. */
export function bodiesOf(identity: object): Map<string, LiveBody> {
  const all = sharedState('bodies', () => new WeakMap<object, Map<string, LiveBody>>())
  const bodies = all.get(identity) ?? new Map<string, LiveBody>()
  all.set(identity, bodies)
  return bodies
}
