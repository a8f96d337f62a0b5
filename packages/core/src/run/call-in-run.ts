import type { CallHow } from '../call/call-how.ts'
import type { CallContext, CallRequest } from '../call/call-request.ts'
import { performCall } from '../call/perform-call.ts'
import type { Place } from '../effect/perform.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { Lane } from '../lane/lane.ts'
import { workWithin } from '../lane/work-within.ts'

type Send<T> = (call: CallContext) => Promise<T>

/** `final`: within `run.final`. */
export interface CallerPlace extends Place {
  readonly final?: boolean
}

/** Makes a model call at a place in a run; what its sender starts has a lane of its own. */
export async function callInRun<T>(
  place: CallerPlace,
  request: CallRequest<T>,
  send: Send<T>,
  how: CallHow<T> = {},
): Promise<T> {
  if (typeof send !== 'function')
    throw new ConfigError('run.call: the second argument must be a function that sends the request. Nothing was sent.')
  const { run, lane, final = false } = place
  const work = workWithin(place)
  const within = (call: CallContext, inner: Lane) => run.inLane(inner, work, () => send(call))
  return performCall({ run, lane, work, final, how: how as CallHow }, request, within).finally(() =>
    work.settle(undefined),
  )
}
