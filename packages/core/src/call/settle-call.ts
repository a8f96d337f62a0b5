import { recordSettlement } from '../budget/record-settlement.ts'
import { failureCost } from '../budget/settle-failure.ts'
import { tellSettled } from '../budget/tell-settled.ts'
import { encodeValue } from '../codec/value-codec.ts'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { errorBody } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { SettleCall } from '../store/call-verbs.ts'
import { crashPoint } from '../util/crash-point.ts'
import type { CallPlace } from './call-place.ts'
import type { CallRequest } from './call-request.ts'
import { callSpending } from './call-spending.ts'
import type { ReservedCall } from './reserve-call.ts'

/** Tells the store's failure after an answer from the sender's own failure. */
export class SettleFailed extends Error {
  constructor(cause: unknown) {
    super('the answer of a call could not be recorded', { cause })
  }
}

/** What its sender made of a question to a human is no answer: the call is made again when the run goes on. */
export function settleSuccess<T>(
  { run, work: { heldUp } }: CallPlace,
  request: CallRequest<T>,
  response: T,
  reserved: ReservedCall,
): Promise<void> {
  const body = responseBody(run, request.model, response)
  const seenTokens = body === null ? undefined : Buffer.byteLength(body)
  const { cost, usage } = callSpending(run, request, response, reserved.held, seenTokens)
  return settle(run, request.model, reserved, {
    outcome: heldUp === undefined ? { kind: 'succeeded', response: body } : { kind: 'lost', error: errorBody(heldUp) },
    usage,
    cost,
  })
}

/**
 * A call that threw: its error is what a resumed run gets again, unless it was given up together with its run, or
 * because a human is asked, which its signal tells of too, or was not even sent.
 */
export function settleFailure(
  run: RunScope,
  { model }: CallRequest<never>,
  error: unknown,
  reserved: ReservedCall,
  wasSent: boolean,
): Promise<void> {
  const isLost = run.gaveUp() || !wasSent || ApprovalRequiredError.isInstance(run.signal.reason)
  const cost = wasSent ? failureCost(reserved.held, error) : ({ kind: 'released', sent: false } as const)
  const outcome = { kind: isLost ? 'lost' : 'failed', error: errorBody(error) } as const
  return settle(run, model, reserved, { outcome, usage: null, cost })
}

/** An answer is recorded before it is released; if it cannot be, the agent is stopped unless the ledger allows otherwise. */
async function settle(
  run: RunScope,
  model: string,
  { id, held }: ReservedCall,
  settled: Pick<SettleCall, 'outcome' | 'usage' | 'cost'>,
): Promise<void> {
  const { store, clock } = run.context
  const request: SettleCall = { id, ...settled, externalId: null, at: clock.now() }
  const record = async () => {
    const { hold } = await store.settle(request)
    tellSettled(run, model, held.granted.limited, hold)
  }
  await recordSettlement(run, model, record).catch((error: unknown) => {
    throw StoreUnavailableError.isInstance(error) ? new SettleFailed(error) : error
  })
  crashPoint('after-settle')
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
