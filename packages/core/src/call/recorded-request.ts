import { decodeRequest } from '../codec/request-delta.ts'
import type { CallRecord } from '../store/records.ts'
import type { Store } from '../store/store.ts'

/** The whole request of a recorded call: it is stored as a difference to earlier ones. */
export function recordedRequest(store: Store, call: CallRecord): Promise<unknown> {
  return decodeRequest(call.request, async (id) => (await store.readCall(id))?.request ?? '{}')
}
