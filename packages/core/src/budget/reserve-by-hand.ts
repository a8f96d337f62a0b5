import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { Granted, HoldTerms } from '../store/limit-records.ts'
import type { HoldOpened } from '../store/money-verbs.ts'
import { Hold } from './hold.ts'
import { checkHoldEstimate, type HoldEstimate, holdDemand } from './hold-estimate.ts'
import { type Quote, quoteFor } from './quote.ts'
import { recordSettlement } from './record-settlement.ts'
import { type HoldAnswer, nanoOf, reserveHold } from './reserve-hold.ts'
import type { HoldOfCall } from './settle-cost.ts'
import { tellSettled } from './tell-settled.ts'
import { waitFor } from './wait-options.ts'

/** Where it is asked for. */
export interface HoldPlace {
  readonly run: RunScope
  /** The body that it is asked for in. */
  readonly parent: LiveBody | null
  /** Within `run.final`. */
  readonly final: boolean
}

/** Puts aside what a call may cost that the ledger does not see. Throws what refuses it. */
export async function reserveByHand(place: HoldPlace, estimate: HoldEstimate): Promise<Hold> {
  const { run, parent, final } = place
  const { model, price, usd: amount } = estimate
  checkHoldEstimate(estimate)
  run.assertOpen(parent, final)
  const done = run.track()
  // In flight before the first turn: what others reserve meanwhile shares its transaction.
  const leave = run.context.store.enter()
  try {
    const quote = await quoteFor(run.context, holdDemand(run.context, estimate), { price, amount, final })
    // Gone through again over its records, it spends nothing.
    if (run.mode === 'records') return new Hold(wholeOf(quote), async () => undefined, nothingOpen)
    if (run.outage !== undefined) return unprotected(run, model, quote, run.outage)
    return await held(place, estimate, quote)
  } finally {
    leave()
    done()
  }
}

async function held(place: HoldPlace, { model, wait }: HoldEstimate, quote: Quote): Promise<Hold> {
  const { run } = place
  const waits = waitFor(wait, run.context)
  try {
    const ask = (terms: HoldTerms) => openHold(place, model, terms)
    const { answer, terms } = await reserveHold({ run, quote, wait: waits, ask })
    return recordedHold(run, model, { quote, terms, granted: answer })
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    if (run.context.onOutage === 'allow') return unprotected(run, model, quote, error)
    await run.halt(error)
    throw error
  }
}

type Opened = Extract<HoldOpened, { kind: 'held' }>

async function openHold(
  { run, parent, final }: HoldPlace,
  label: string,
  hold: HoldTerms,
): Promise<HoldAnswer<Opened>> {
  run.assertOpen(parent, final)
  const answer = await run.context.store.openHold({ run: run.ref, label, hold, at: run.context.clock.now() })
  if (answer.kind === 'refused') throw run.refusal(answer)
  return answer
}

function recordedHold(run: RunScope, model: string, held: HoldOfCall): Hold {
  const { store, clock } = run.context
  const { hold, limited } = held.granted
  const leave = store.enter()
  return new Hold(
    held,
    (cost, usage) => {
      const settle = { hold, cost, usage, at: clock.now() }
      const record = async () => tellSettled(run, model, limited, await store.settleHold(settle))
      return recordSettlement(run, model, record).finally(leave)
    },
    (close) => run.leaveOpen(close),
  )
}

/** No limit is asked while the store cannot be; what it comes to is added when it is back. */
function unprotected(run: RunScope, label: string, quote: Quote, outage: Error): Hold {
  run.unprotected({ kind: 'call', name: label, failed: false }, outage)
  const held = wholeOf(quote)
  const at = run.context.clock.now()
  return new Hold(
    held,
    async (cost, usage) => run.keepSpending({ label, hold: held.terms, cost, usage, at }),
    (close) => run.leaveOpen(close),
  )
}

/** What would be put aside if nothing limited it. */
export function wholeOf(quote: Quote): HoldOfCall {
  const terms = quote.whole()
  const { most: outputTokens } = terms.output
  const tokens = terms.inputTokens + outputTokens
  const granted: Granted = { hold: 0, nano: nanoOf(terms), tokens, outputTokens, limited: false }
  return { quote, terms, granted }
}

function nothingOpen(): () => void {
  return () => undefined
}
