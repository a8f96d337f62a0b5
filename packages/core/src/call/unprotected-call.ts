import { quoteFor } from '../budget/quote.ts'
import { wholeOf } from '../budget/reserve-by-hand.ts'
import type { HoldOfCall } from '../budget/settle-cost.ts'
import { failureCost } from '../budget/settle-failure.ts'
import type { AskedCall } from './asked-call.ts'
import { callDemand } from './call-demand.ts'
import type { CallPlace } from './call-place.ts'
import type { CallContext } from './call-request.ts'
import { type CallSpending, callSpending, type SeenBy } from './call-spending.ts'
import { perAnswer } from './reserve-call.ts'
import { seenTokensOf } from './seen-tokens.ts'

/** Makes a call that has no record. No limit is asked; what it cost is added when the store is back. */
export async function sendUnprotected<T>(
  place: CallPlace,
  request: AskedCall<T>,
  send: (call: CallContext) => Promise<T>,
): Promise<T> {
  const { run, lane, work } = place
  const held = await heldWithoutRecord(place, request)
  const { outputCap, answers } = held.quote.demand
  const at = run.context.clock.now()
  const keep = ({ cost, usage }: CallSpending) =>
    run.keepSpending({ label: request.model, hold: held.terms, cost, usage, at })
  const sent = {
    request: request.request,
    maxOutputTokens: perAnswer(outputCap, answers),
    heldOutputTokens: undefined,
    signal: run.callSignal,
    maxKeptBytes: run.context.maxValueBytes,
  }
  let response: T
  try {
    response = await send({ ordinal: lane.callsSeen, ...sent })
  } catch (error) {
    keep({ cost: failureCost(held, error, work.didMore), usage: null })
    throw error
  }
  keep(callSpending(run, request, response, held, seenBy(place, response)))
  return response
}

function seenBy({ how }: CallPlace, response: unknown): SeenBy {
  const seen = how.seen?.(response)
  return { seen, seenTokens: seen === undefined ? seenTokensOf(response) : undefined }
}

/** What would have been put aside. */
async function heldWithoutRecord(place: CallPlace, request: AskedCall<never>): Promise<HoldOfCall> {
  const { run, final } = place
  const demand = callDemand(run.context, request, place.how)
  return wholeOf(await quoteFor(run.context, demand, { price: request.price, final }))
}
