import { jsonCopy } from '../codec/json-copy.ts'
import { encodeRequest } from '../codec/request-delta.ts'
import { encodeValue } from '../codec/value-codec.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { serializeError } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { Lane } from '../lane/lane.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { CallReserved, SettleCall } from '../store/call-verbs.ts'
import { checkOptionNames } from '../tool/option-names.ts'
import { crashPoint } from '../util/crash-point.ts'
import type { CallContext, CallRequest } from './call-request.ts'
import { assertMayGoLive } from './divergence.ts'
import { previousRequest, rememberRequest } from './previous-request.ts'
import { type RequestHash, RequestHasher } from './request-hash.ts'
import { serveCall } from './serve-call.ts'

export interface CallPlace {
  readonly run: RunScope
  readonly lane: Lane
  readonly parentEffect: number | null
}

/** One per process: what it remembers hangs on the message objects themselves. */
const hasher = new RequestHasher()

const REQUEST_MEMBERS: readonly (keyof CallRequest)[] = ['provider', 'model', 'request', 'usage']

type Send<T> = (call: CallContext) => Promise<T>

/**
 * Makes a model call that is recorded before its answer is released, or serves the recorded answer of an earlier
 * execution. Throws `DivergenceError` where going live could repeat what that execution did.
 */
export async function performCall<T>(place: CallPlace, request: CallRequest<T>, send: Send<T>): Promise<T> {
  const { run, lane } = place
  checkOptionNames('run.call', request, REQUEST_MEMBERS, ['price'])
  run.assertOpen()
  const done = run.track()
  try {
    if (run.outage !== undefined) return await unprotected(place, request, send, run.outage)
    const hash = hasher.hash(request.request)
    const recorded = lane.takeCall(hash.exact, hash.masked)
    if (recorded !== undefined) {
      lane.countCall()
      const served = await serveCall(place, request, hash, recorded)
      if (served !== undefined) return served.release() as T
    }
    await assertMayGoLive(place, request)
    return await live(place, request, hash, send)
  } finally {
    done()
  }
}

/** A call of a run that has no record. */
function unprotected<T>(
  { run, lane }: CallPlace,
  { model }: CallRequest<T>,
  send: Send<T>,
  outage: StoreUnavailableError,
): Promise<T> {
  lane.countCall()
  run.unprotected({ kind: 'call', name: model, failed: false }, outage)
  return send({ ordinal: lane.callsSeen, signal: run.signal })
}

async function live<T>(place: CallPlace, request: CallRequest<T>, hash: RequestHash, send: Send<T>): Promise<T> {
  const { run, lane } = place
  lane.countCall()
  // In flight from the first verb on: what others reserve meanwhile shares its transaction.
  const leave = run.context.store.enter()
  try {
    return await reserveAndSend(place, request, hash, send)
  } finally {
    leave()
  }
}

async function reserveAndSend<T>(
  place: CallPlace,
  request: CallRequest<T>,
  hash: RequestHash,
  send: Send<T>,
): Promise<T> {
  const { run, lane } = place
  const askedAt = run.context.clock.monotonic()
  const reserved = await reserve(place, request, hash)
  if (reserved === 'unprotected') return send({ ordinal: lane.callsSeen, signal: run.signal })
  try {
    crashPoint('before-send')
    if (isLeaseOld(run, askedAt)) await assertStillOurs(run)
    const response = await send({ ordinal: reserved.ordinal, signal: run.signal })
    crashPoint('after-send')
    await settle(run, request.model, success(run, request, response, reserved.id))
    return response
  } catch (error) {
    if (!(error instanceof SettleFailed)) await settle(run, request.model, failure(run, error, reserved.id))
    throw error instanceof SettleFailed ? error.cause : error
  }
}

/** A process that was stopped since it asked may have been replaced: after a lease's time it asks again before it sends. */
function isLeaseOld({ context }: RunScope, askedAt: number): boolean {
  return context.clock.monotonic() - askedAt >= context.leaseMs
}

async function assertStillOurs(run: RunScope): Promise<void> {
  if (await run.heartbeat()) return
  run.assertOpen()
  throw new LeaseLostError({ runId: run.id })
}

async function reserve(
  { run, lane, parentEffect }: CallPlace,
  request: CallRequest<never>,
  hash: RequestHash,
): Promise<Extract<CallReserved, { kind: 'held' }> | 'unprotected'> {
  const { store, clock } = run.context
  const { body, snapshot } = encodeRequest(request.request, previousRequest(lane))
  const { provider, model } = request
  const hashes = { exactHash: hash.exact, maskedHash: hash.masked, restHash: hash.rest }
  run.answers.flush()
  try {
    const at = clock.now()
    const answer = await store.reserve({
      run: run.ref,
      lane: lane.id,
      provider,
      model,
      ...hashes,
      request: body,
      effect: parentEffect,
      holds: [],
      at,
    })
    if (answer.kind === 'refused') throw run.refusal(answer)
    rememberRequest(lane, { id: answer.id, snapshot })
    return answer
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    if (run.context.onOutage === 'allow') {
      run.unprotected({ kind: 'call', name: model, failed: false }, error)
      return 'unprotected'
    }
    await run.halt(error)
    throw error
  }
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

/** Tells the store's failure after an answer from the sender's own failure. */
class SettleFailed extends Error {
  constructor(cause: unknown) {
    super('the answer of a call could not be recorded', { cause })
  }
}

function success<T>(run: RunScope, request: CallRequest<T>, response: T, id: number): SettleCall {
  return {
    id,
    outcome: { kind: 'succeeded', response: responseBody(run, request.model, response) },
    usage: usageBody(run, request, response),
    externalId: null,
    at: run.context.clock.now(),
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

function failure(run: RunScope, error: unknown, id: number): SettleCall {
  const body = JSON.stringify(serializeError(error))
  return { id, outcome: { kind: 'failed', error: body }, usage: null, externalId: null, at: run.context.clock.now() }
}
