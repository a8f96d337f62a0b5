import { checkBudgetWait } from '../budget/wait-options.ts'
import { ConfigError } from '../errors/config-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { Lane } from '../lane/lane.ts'
import { laneOfWork } from '../lane/lane-of-work.ts'
import { isAnswered } from '../lane/recorded-calls.ts'
import type { RunScope } from '../lane/run-scope.ts'
import { stoppedByOutage } from '../lane/stopped-by-outage.ts'
import { RECORD_LEVELS } from '../store/records.ts'
import { crashPoint } from '../util/crash-point.ts'
import { type AskedCall, askedCall } from './asked-call.ts'
import type { CallPlace } from './call-place.ts'
import type { CallContext, CallRequest } from './call-request.ts'
import { assertMayGoLive } from './divergence.ts'
import { type RequestHash, RequestHasher } from './request-hash.ts'
import { type ReservedCall, reserveCall } from './reserve-call.ts'
import { serveCall } from './serve-call.ts'
import { settleFailure, settleSuccess } from './settle-call.ts'
import { sendUnprotected } from './unprotected-call.ts'

/** One per process: what it remembers hangs on the message objects themselves. */
const hasher = new RequestHasher()

const REQUEST_MEMBERS: readonly (keyof CallRequest)[] = [
  'provider',
  'model',
  'request',
  'usage',
  'price',
  'maxOutputTokens',
  'wait',
  'record',
]

/** Its sender, to be run in the lane that is given. */
type SendIn<T> = (call: CallContext, lane: Lane) => Promise<T>
type Send<T> = (call: CallContext) => Promise<T>

/**
 * Makes a model call that is paid for and recorded before its answer is released, or serves the recorded answer of an
 * earlier execution, which costs nothing. Throws `DivergenceError` where going live could repeat what that execution did.
 */
export async function performCall<T>(place: CallPlace, call: CallRequest<T>, send: SendIn<T>): Promise<T> {
  const { run, lane, work, final } = place
  checkRequest(call)
  const request = askedCall(call)
  run.assertOpen(work.parent, final)
  const done = run.track('call')
  try {
    if (run.outage !== undefined) return await unprotected(place, request, (context) => send(context, lane), run.outage)
    const hash = hashOf(place, request)
    const recorded = lane.takeCall(hash.exact, hash.masked, hash.rest)
    const number = lane.nextWork()
    // One that was never answered is asked again; but a stream may have begun to answer, and something have followed.
    if (recorded !== undefined && isAnswered(recorded)) {
      lane.countCall()
      lane.reachWork(hash.masked, number)
      const served = await stoppedByOutage(run, serveCall(place, request, hash, recorded))
      if (served !== undefined) return served.release() as T
    }
    await assertMayGoLive(place, request)
    const inner = await laneOfWork(place, hash.masked, lane.reachWork(hash.masked, number))
    return await live(place, request, hash, (context) => send(context, inner))
  } finally {
    done()
  }
}

/** A misspelt word would otherwise show what was to be hidden, or spend what was to be kept. */
function checkRequest(request: CallRequest<never>): void {
  if (typeof request !== 'object' || request === null) throw wrong('there is no request')
  checkOptionNames('run.call', request, REQUEST_MEMBERS)
  const { provider, model, record, maxOutputTokens } = request
  if (typeof model !== 'string' || model === '') throw wrong("`model` must name the model, such as 'gpt-5'")
  if (typeof provider !== 'string') throw wrong("`provider` must say who serves the model, such as 'openai'")
  if (record !== undefined && !(RECORD_LEVELS as readonly unknown[]).includes(record))
    throw wrong(`\`record\` is '${String(record)}'; it must be one of ${RECORD_LEVELS.join(', ')}`)
  if (maxOutputTokens !== undefined && !(Number.isSafeInteger(maxOutputTokens) && maxOutputTokens > 0))
    throw wrong(`\`maxOutputTokens\` is ${String(maxOutputTokens)}; it must be a number of tokens above 0`)
  checkBudgetWait('run.call: `wait`', request.wait)
}

function wrong(what: string): ConfigError {
  return new ConfigError(`run.call: ${what}. Nothing was sent.`)
}

function hashOf({ how: { asks } }: CallPlace, { request, model }: AskedCall<never>): RequestHash {
  return hasher.hash(request, asks === undefined ? undefined : { asks, model })
}

/** A call of a run that has no record. */
function unprotected<T>(
  place: CallPlace,
  request: AskedCall<T>,
  send: Send<T>,
  outage: StoreUnavailableError,
): Promise<T> {
  place.lane.countCall()
  place.run.unprotected({ kind: 'call', name: request.model, failed: false }, outage)
  return sendUnprotected(place, request, send)
}

async function live<T>(place: CallPlace, request: AskedCall<T>, hash: RequestHash, send: Send<T>): Promise<T> {
  const { run, lane } = place
  lane.countCall()
  // In flight from the first verb on: what others reserve meanwhile shares its transaction.
  const leave = run.context.store.enter()
  try {
    const askedAt = run.context.clock.monotonic()
    const reserved = await reservedOr(place, request, hash)
    if (reserved === 'unprotected') return await sendUnprotected(place, request, send)
    return await sendReserved(place, request, reserved, askedAt, send)
  } finally {
    leave()
  }
}

/** Where the ledger allows that, a call is made although the store cannot be asked. */
async function reservedOr(
  place: CallPlace,
  request: AskedCall<never>,
  hash: RequestHash,
): Promise<ReservedCall | 'unprotected'> {
  const { run } = place
  try {
    return await reserveCall(place, request, hash)
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    if (run.context.onOutage === 'allow') {
      run.unprotected({ kind: 'call', name: request.model, failed: false }, error)
      return 'unprotected'
    }
    await run.halt(error)
    throw error
  }
}

async function sendReserved<T>(
  place: CallPlace,
  request: AskedCall<T>,
  reserved: ReservedCall,
  askedAt: number,
  send: Send<T>,
): Promise<T> {
  const { run, work, final } = place
  let wasSent = false
  let response: T
  try {
    crashPoint('before-send')
    if (isLeaseOld(run, askedAt)) await assertStillOurs(place)
    // What stopped the run while it was asked for comes first: nothing starts any more.
    run.assertOpen(work.parent, final)
    wasSent = true
    const { ordinal, request: sent, maxOutputTokens, heldOutputTokens } = reserved
    const about = { ordinal, request: sent, maxOutputTokens, heldOutputTokens }
    response = await send({ ...about, maxKeptBytes: run.context.maxValueBytes, signal: run.callSignal })
  } catch (error) {
    // The sender's own error says more than that it could not be recorded: the run is halted by that anyway.
    await settleFailure(place, request, error, reserved, wasSent).catch(() => undefined)
    throw error
  }
  crashPoint('after-send')
  await settleSuccess(place, request, response, reserved)
  return response
}

/** A process that was stopped since it asked may have been replaced: after a lease's time it asks again before it sends. */
function isLeaseOld({ context }: RunScope, askedAt: number): boolean {
  return context.clock.monotonic() - askedAt >= context.leaseMs
}

async function assertStillOurs({ run, work, final }: CallPlace): Promise<void> {
  if (await run.heartbeat()) return
  run.assertOpen(work.parent, final)
  throw new LeaseLostError({ runId: run.id })
}
