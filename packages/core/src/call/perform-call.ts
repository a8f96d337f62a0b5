import { encodeRequest } from '../codec/request-delta.ts'
import { ConfigError } from '../errors/config-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { isAnswered } from '../lane/recorded-calls.ts'
import type { RunScope } from '../lane/run-scope.ts'
import { stoppedByOutage } from '../lane/stopped-by-outage.ts'
import type { CallReserved } from '../store/call-verbs.ts'
import { RECORD_LEVELS } from '../store/records.ts'
import { crashPoint } from '../util/crash-point.ts'
import type { CallPlace } from './call-place.ts'
import type { CallContext, CallRequest } from './call-request.ts'
import { assertMayGoLive } from './divergence.ts'
import { previousRequest, rememberRequest } from './previous-request.ts'
import { type RequestHash, RequestHasher } from './request-hash.ts'
import { serveCall } from './serve-call.ts'
import { SettleFailed, settleFailure, settleSuccess } from './settle-call.ts'

/** One per process: what it remembers hangs on the message objects themselves. */
const hasher = new RequestHasher()

const REQUEST_MEMBERS: readonly (keyof CallRequest)[] = ['provider', 'model', 'request', 'usage', 'record']

type Send<T> = (call: CallContext) => Promise<T>

/**
 * Makes a model call that is recorded before its answer is released, or serves the recorded answer of an earlier
 * execution. Throws `DivergenceError` where going live could repeat what that execution did.
 */
export async function performCall<T>(place: CallPlace, request: CallRequest<T>, send: Send<T>): Promise<T> {
  const { run, lane } = place
  checkOptionNames('run.call', request, REQUEST_MEMBERS, ['price'])
  checkRecord(request.record)
  run.assertOpen()
  const done = run.track('call')
  try {
    if (run.outage !== undefined) return await unprotected(place, request, send, run.outage)
    const hash = hasher.hash(request.request)
    const recorded = lane.takeCall(hash.exact, hash.masked)
    // One that was never answered is asked again; but a stream may have begun to answer, and something have followed.
    if (recorded !== undefined && isAnswered(recorded)) {
      lane.countCall()
      const served = await stoppedByOutage(run, serveCall(place, request, hash, recorded))
      if (served !== undefined) return served.release() as T
    }
    await assertMayGoLive(place, request)
    return await live(place, request, hash, send)
  } finally {
    done()
  }
}

/** A misspelt word would otherwise show what was to be hidden. */
function checkRecord(record: unknown): void {
  if (record === undefined || (RECORD_LEVELS as readonly unknown[]).includes(record)) return
  throw new ConfigError(
    `run.call: \`record\` is '${String(record)}'; it must be one of ${RECORD_LEVELS.join(', ')}. Nothing was sent.`,
  )
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
    await settleSuccess(run, request, response, reserved.id)
    return response
  } catch (error) {
    if (error instanceof SettleFailed) throw error.cause
    // The sender's own error says more than that it could not be recorded: the run is halted by that anyway.
    await settleFailure(run, request, error, reserved.id).catch(() => undefined)
    throw error
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
      recordLevel: request.record ?? 'full',
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
