import { recordSettlement } from '../budget/record-settlement.ts'
import { failureCost } from '../budget/settle-failure.ts'
import { tellSettled } from '../budget/tell-settled.ts'
import { encodeValue } from '../codec/value-codec.ts'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { errorBody, serializeError } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { SettleCall } from '../store/call-verbs.ts'
import { crashPoint } from '../util/crash-point.ts'
import type { CallPlace } from './call-place.ts'
import type { CallRequest } from './call-request.ts'
import { callSpending } from './call-spending.ts'
import type { ReservedCall } from './reserve-call.ts'
import { seenTokens } from './seen-tokens.ts'

/** What its sender made of a question to a human is no answer: the call is made again when the run goes on. */
export function settleSuccess<T>(
  { run, work: { heldUp }, how }: CallPlace,
  request: CallRequest<T>,
  response: T,
  reserved: ReservedCall,
): Promise<void> {
  const seen = how.seen?.(response)
  const body = seen?.isKept === false ? null : responseBody(run, request.model, response)
  const seenBy = { seen, seenTokens: seenTokens(response, body) }
  const { cost, usage } = callSpending(run, request, response, reserved.held, seenBy)
  return settle(run, request.model, reserved, {
    outcome: heldUp === undefined ? { kind: 'succeeded', response: body } : { kind: 'lost', error: errorBody(heldUp) },
    usage,
    cost,
    externalId: seen?.externalId ?? null,
  })
}

/**
 * A call that threw: its error is what a resumed run gets again, unless it was given up together with its run, or
 * because a human is asked, which its signal tells of too, or was not even sent.
 */
export function settleFailure(
  { run, work }: CallPlace,
  { model }: CallRequest<never>,
  error: unknown,
  reserved: ReservedCall,
  wasSent: boolean,
): Promise<void> {
  const isLost = run.gaveUp() || !wasSent || ApprovalRequiredError.isInstance(run.signal.reason)
  const cost = wasSent ? failureCost(reserved.held, error, work.didMore) : ({ kind: 'released', sent: false } as const)
  const outcome = { kind: isLost ? 'lost' : 'failed', error: errorBody(error) } as const
  return settle(run, model, reserved, { outcome, usage: null, cost, externalId: null })
}

type Settled = Pick<SettleCall, 'outcome' | 'usage' | 'cost' | 'externalId'>

/**
 * An answer is recorded before it is released; if the store is out of reach, the agent is stopped unless the ledger allows
 * otherwise. What the store does not take for any other reason is told, and released all the same, since it is paid for:
 * what was put aside for it counts in full, if only when its process is gone.
 */
async function settle(run: RunScope, model: string, reserved: ReservedCall, settled: Settled): Promise<void> {
  try {
    await record(run, model, reserved, settled)
  } catch (error) {
    if (StoreUnavailableError.isInstance(error)) throw error
    const reason = `it cannot be recorded: ${serializeError(error).message}`
    run.context.events.emit('settlement-failed', { runId: run.id, model, reason })
    // It may be for what it cost.
    const charged: Settled = { ...settled, usage: null, cost: { kind: 'charged' } }
    await record(run, model, reserved, charged).catch(() => undefined)
  }
  crashPoint('after-settle')
}

function record(run: RunScope, model: string, { id, held }: ReservedCall, settled: Settled): Promise<void> {
  const { store, clock } = run.context
  const request: SettleCall = { id, ...settled, at: clock.now() }
  return recordSettlement(run, model, async () => {
    const { hold } = await store.settle(request)
    tellSettled(run, model, held.granted.limited, hold)
  })
}

/** A response that cannot be stored was paid for all the same: it is released, and asked for anew on resume. */
function responseBody(run: RunScope, model: string, response: unknown): string | null {
  try {
    return encodeValue(response, run.context.maxValueBytes)
  } catch (error) {
    const why = NotSerializableError.isInstance(error) ? error.reason : serializeError(error).message
    run.context.events.emit('output-not-kept', { runId: run.id, reason: `the response of ${model}: ${why}` })
    return null
  }
}
