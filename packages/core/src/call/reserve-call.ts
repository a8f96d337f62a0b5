import { quoteFor } from '../budget/quote.ts'
import { type HoldAnswer, isCapped, reserveHold } from '../budget/reserve-hold.ts'
import type { HoldOfCall } from '../budget/settle-cost.ts'
import { waitFor } from '../budget/wait-options.ts'
import { encodeRequest } from '../codec/request-delta.ts'
import type { CallReserved, ReserveCall } from '../store/call-verbs.ts'
import type { Granted, HoldTerms } from '../store/limit-records.ts'
import type { AskedCall } from './asked-call.ts'
import { type CallDemand, callDemand } from './call-demand.ts'
import type { CallPlace } from './call-place.ts'
import { previousRequest, rememberRequest } from './previous-request.ts'
import type { RequestHash } from './request-hash.ts'

/** A call that may be sent, and what is put aside for it. */
export interface ReservedCall {
  readonly id: number
  readonly ordinal: number
  readonly held: HoldOfCall
  /** What is sent. */
  readonly request: unknown
  readonly maxOutputTokens: number | undefined
  readonly heldOutputTokens: number | undefined
}

type Held = Extract<CallReserved, { kind: 'held' }> & { readonly granted: Granted }

/**
 * Records a call and puts aside what it may cost, in one step. Throws what refuses it: nothing is recorded then.
 *
 * A request whose output must be capped is a copy of the caller's: what a resumed run knows it by is the caller's own.
 */
export async function reserveCall(
  place: CallPlace,
  request: AskedCall<never>,
  hash: RequestHash,
): Promise<ReservedCall> {
  const { run, lane, final } = place
  const demand = callDemand(run.context, request, place.how)
  const quote = await quoteFor(run.context, demand, { price: request.price, final })
  const { body, snapshot } = encodeRequest(request.request, previousRequest(lane))
  const row = rowOf(place, request, hash, body)
  const wait = waitFor(request.wait, run.context)
  const reserved = await reserveHold({ run, quote, wait, ask: (terms) => ask(place, row, terms) })
  const { answer, terms } = reserved
  rememberRequest(lane, { id: answer.id, snapshot })
  const held: HoldOfCall = { quote, terms, granted: answer.granted }
  return { id: answer.id, ordinal: answer.ordinal, held, ...sent(place, request, demand, held) }
}

type Row = Omit<ReserveCall, 'hold' | 'at'>

function rowOf({ run, lane, work }: CallPlace, call: AskedCall<never>, hash: RequestHash, request: string): Row {
  const { provider, model, record = 'full' } = call
  const hashes = { exactHash: hash.exact, maskedHash: hash.masked, restHash: hash.rest }
  const about = { run: run.ref, lane: lane.id, provider, model, effect: work.effect }
  return { ...about, ...hashes, request, recordLevel: record }
}

async function ask({ run, work, final }: CallPlace, row: Row, hold: HoldTerms): Promise<HoldAnswer<Held>> {
  run.assertOpen(work.parent, final)
  run.answers.flush()
  const answer = await run.context.store.reserve({ ...row, hold, at: run.context.clock.now() })
  if (answer.kind === 'refused') throw run.refusal(answer)
  return answer as HoldAnswer<Held>
}

/** What is sent: the caller's own request wherever its own cap is low enough. */
function sent(
  { run }: CallPlace,
  { model, request }: AskedCall<never>,
  demand: CallDemand,
  { quote, granted }: HoldOfCall,
): Pick<ReservedCall, 'request' | 'maxOutputTokens' | 'heldOutputTokens'> {
  const { outputTokens, limited } = granted
  const { answers, outputCap } = demand
  // What has no output, such as an embedding, needs no cap of it either.
  if (!limited) return { request, maxOutputTokens: perAnswer(outputCap, answers), heldOutputTokens: undefined }
  if (isCapped(quote, granted)) {
    const asked = outputCap ?? null
    run.context.events.emit('output-capped', { runId: run.id, model, asked, outputTokens })
  }
  const copy = demand.isKnown ? demand.capped(outputTokens) : undefined
  const maxOutputTokens = perAnswer(outputTokens, answers)
  return { request: copy === undefined ? request : copy.request, maxOutputTokens, heldOutputTokens: outputTokens }
}

/** A sender writes its cap for each of the answers; none is of any use where there are none. */
export function perAnswer(tokens: number | undefined, answers: number): number | undefined {
  return tokens === undefined ? undefined : Math.floor(tokens / answers) || undefined
}
