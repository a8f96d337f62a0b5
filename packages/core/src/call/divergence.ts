import { DivergenceError } from '../errors/divergence-error.ts'
import type { CallPlace } from './call-place.ts'
import type { CallRequest } from './call-request.ts'
import { firstDifference } from './first-difference.ts'
import { recordedRequest } from './recorded-request.ts'
import { shownDifference } from './shown-difference.ts'

/** Without any progress in the lane for so many turns of the event loop, and then so many pauses, its other strands count as stuck. */
const QUIET_TURNS = 20
const QUIET_PAUSES = 20
const PAUSE_MS = 25

/**
 * A call that is not in the record goes live only if that cannot repeat anything: a model that words its answer anew
 * would repeat recorded writes under other keys. So all of them must have been reached again before.
 */
export async function assertMayGoLive(place: CallPlace, request: CallRequest<never>): Promise<void> {
  const { run, lane } = place
  if (run.mode === 'live') {
    if (lane.unreachedWrites().length === 0) return
    await othersGotOn(place)
    if (lane.unreachedWrites().length === 0) return
  }
  const error = await divergence(place, request)
  const { expected, actual, path } = error
  const { store, events, clock, onResumeMismatch } = run.context
  const goesLive = run.mode === 'live' && onResumeMismatch === 'live'
  events.emit('divergence', { runId: run.id, path, expected, actual, served: false })
  if (run.mode === 'live') {
    const body = JSON.stringify({ path, position: error.position, served: false, wentLive: goesLive })
    await store.append({
      run: run.ref,
      entries: [{ kind: 'divergence', effect: null, body, at: clock.now() }],
      unprotected: false,
    })
  }
  if (goesLive) return
  if (run.mode === 'live') await run.halt(error)
  throw error
}

/** Strands that run side by side reach their recorded writes in their own time: waits while they get on, and a while longer. */
async function othersGotOn({ run, lane }: CallPlace): Promise<void> {
  const { clock } = run.context
  let { progress } = lane
  for (let quiet = 0; quiet < QUIET_TURNS + QUIET_PAUSES && lane.unreachedWrites().length > 0; quiet++) {
    if (quiet < QUIET_TURNS) await clock.turn()
    else await clock.sleep(PAUSE_MS, run.signal).catch(() => undefined)
    if (lane.progress !== progress) quiet = 0
    progress = lane.progress
  }
}

async function divergence(place: CallPlace, request: CallRequest<never>): Promise<DivergenceError> {
  const { run, lane } = place
  const next = lane.nextCall()
  const recorded = next === undefined ? null : await run.context.store.readCall(next.id)
  const facts = { runId: run.id, position: lane.callsSeen + 1 }
  const difference =
    recorded === null ? undefined : firstDifference(await recordedRequest(run.context.store, recorded), request.request)
  if (difference !== undefined) return new DivergenceError({ ...facts, ...shownDifference(place, request, difference) })
  const waiting = lane.unreachedWrites().map(({ tool }) => tool)
  const expected =
    waiting.length > 0 ? `${waiting.join(', ')} as recorded, before any new model call` : 'no further model call'
  const { actual } = shownDifference(place, request, { path: '', expected, actual: request.request })
  return new DivergenceError({ ...facts, path: '', expected, actual })
}
