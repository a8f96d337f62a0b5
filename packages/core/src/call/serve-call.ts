import { recordedError } from '../codec/recorded-error.ts'
import { encodeRequest } from '../codec/request-delta.ts'
import { decodeValue } from '../codec/value-codec.ts'
import { reviveError } from '../errors/revive.ts'
import type { LaneCall } from '../store/read-verbs.ts'
import type { CallRecord } from '../store/records.ts'
import type { CallPlace } from './call-place.ts'
import type { CallRequest } from './call-request.ts'
import { firstDifference } from './first-difference.ts'
import { previousRequest, rememberRequest } from './previous-request.ts'
import { recordedRequest } from './recorded-request.ts'
import type { RequestHash } from './request-hash.ts'
import { shownDifference } from './shown-difference.ts'

/** What an earlier execution got for this request; undefined if its answer could not be stored. */
export async function serveCall(
  place: CallPlace,
  request: CallRequest<never>,
  hash: RequestHash,
  recorded: LaneCall,
): Promise<{ release(): unknown } | undefined> {
  const { run, lane } = place
  const { store, events } = run.context
  const call = await store.readCall(recorded.id)
  if (call === null || (call.response === null && call.error === null)) return undefined
  if (recorded.restHash !== hash.rest) await report(place, request, call)
  // Only what is stored word for word may be what a later request is the difference to.
  if (recorded.exactHash.equals(hash.exact) && recorded.restHash === hash.rest) {
    rememberRequest(lane, { id: call.id, snapshot: encodeRequest(request.request, previousRequest(lane)).snapshot })
  }
  events.emit('call-served', { runId: run.id, model: call.model, ordinal: recorded.ordinal })
  return { release: () => released(call) }
}

function released(call: CallRecord): unknown {
  if (call.response !== null) return decodeValue(call.response)
  throw reviveError(recordedError(call.error ?? '{}'))
}

/** Another model, other tools or parameters: said, and served all the same, since the conversation is the same. */
async function report(place: CallPlace, request: CallRequest<never>, call: CallRecord): Promise<void> {
  const { run } = place
  const { store, events, clock } = run.context
  const difference = firstDifference(await recordedRequest(store, call), request.request)
  if (difference === undefined) return
  events.emit('divergence', { runId: run.id, ...shownDifference(place, request, difference), served: true })
  const body = JSON.stringify({ call: call.ordinal, path: difference.path, served: true })
  await store.append({
    run: run.ref,
    entries: [{ kind: 'divergence', effect: null, body, at: clock.now() }],
    unprotected: false,
  })
}
