import { jsonCopy } from '../codec/json-copy.ts'
import { encodeValue } from '../codec/value-codec.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { errorBody, serializeError } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { SettleCall } from '../store/call-verbs.ts'
import { crashPoint } from '../util/crash-point.ts'
import type { CallRequest } from './call-request.ts'

/** Tells the store's failure after an answer from the sender's own failure. */
export class SettleFailed extends Error {
  constructor(cause: unknown) {
    super('the answer of a call could not be recorded', { cause })
  }
}

export function settleSuccess<T>(run: RunScope, request: CallRequest<T>, response: T, id: number): Promise<void> {
  return settle(run, request.model, {
    id,
    outcome: { kind: 'succeeded', response: responseBody(run, request.model, response) },
    usage: usageBody(run, request, response),
    externalId: null,
    at: run.context.clock.now(),
  })
}

/** A call that threw: its error is what a resumed run gets again, unless it was given up together with its run. */
export function settleFailure(run: RunScope, request: CallRequest<never>, error: unknown, id: number): Promise<void> {
  const body = errorBody(error)
  const at = run.context.clock.now()
  const kind = run.gaveUp() ? 'lost' : 'failed'
  return settle(run, request.model, { id, outcome: { kind, error: body }, usage: null, externalId: null, at })
}

/** An answer is recorded before it is released; if it cannot be, the agent is stopped unless the ledger allows otherwise. */
async function settle(run: RunScope, model: string, settled: SettleCall): Promise<void> {
  const { store, onOutage } = run.context
  try {
    await store.settle(settled)
    crashPoint('after-settle')
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    run.keepOutcome(async () => {
      await store.settle(settled)
    })
    if (onOutage === 'allow') return run.unprotected({ kind: 'call', name: model, failed: false }, error)
    await run.halt(error)
    throw new SettleFailed(error)
  }
}

/** A response that cannot be stored was paid for all the same: it is released, and asked for anew on resume. */
function responseBody(run: RunScope, model: string, response: unknown): string | null {
  try {
    return encodeValue(response, run.context.maxValueBytes)
  } catch (error) {
    if (!NotSerializableError.isInstance(error)) throw error
    run.context.events.emit('output-not-kept', { runId: run.id, reason: `the response of ${model}: ${error.reason}` })
    return null
  }
}

/** What was counted, as plain data; no reader of it that stumbles may turn an answer that is paid for into a failure. */
function usageBody<T>(run: RunScope, { model, usage }: CallRequest<T>, response: T): string | null {
  try {
    const counted = jsonCopy(usage?.(response))
    return counted === undefined ? null : encodeValue(counted)
  } catch (error) {
    const reason = `the usage of ${model}: ${serializeError(error).message}`
    run.context.events.emit('output-not-kept', { runId: run.id, reason })
    return null
  }
}
