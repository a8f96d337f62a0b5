import type { RunScope } from '../lane/run-scope.ts'
import type { Granted, HoldTerms, Limited, NotBounded } from '../store/limit-records.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import { usdFromNano } from '../usd.ts'
import { limitRefusal } from './limit-refusal.ts'
import type { Quote } from './quote.ts'
import { BudgetWait } from './wait-for-budget.ts'

const MILLION = 1_000_000

/** What the store made of the terms of a hold, `Answer` being its yes. */
export type HoldAnswer<Answer> = Answer | Limited | NotBounded

export interface HoldQuestion<Answer> {
  readonly run: RunScope
  readonly quote: Quote
  /** Undefined: it does not wait for room. */
  readonly wait: Required<WaitOptions> | undefined
  /** Asks the store once. Throws what stops the run. */
  ask(terms: HoldTerms): Promise<HoldAnswer<Answer>>
}

/** A hold that was granted, and by which terms. */
export interface Reserved<Answer> {
  readonly answer: Answer
  readonly terms: HoldTerms
}

/**
 * Puts aside what a request may cost: for all of its output by the cheap bound of its input; if that does not fit, by a
 * count, and for as much output as there is room for. The output is lowered only where waiting does not help, or no
 * longer. Throws what the refusal means.
 */
export async function reserveHold<Answer extends { readonly kind: string }>(
  question: HoldQuestion<Answer>,
): Promise<Reserved<Answer>> {
  const { run, quote } = question
  // A run that is stopped waits for nothing; what may still be said in it has a signal of its own.
  const wait = new BudgetWait(run, question.wait, run.signal.aborted ? run.callSignal : run.signal)
  let reserved: Reserved<HoldAnswer<Answer>> | undefined
  try {
    reserved = await ask(question, wait)
  } finally {
    wait.end(reserved !== undefined && !isRefused(reserved.answer))
  }
  const { answer, terms } = reserved
  if (!isRefused(answer)) {
    tellGranted(run, quote)
    return { answer, terms }
  }
  const { provider, model } = quote.demand
  const { unboundedBy } = quote
  throw await limitRefusal(run, answer, { model, unboundedBy, ...(provider === undefined ? {} : { provider }) })
}

async function ask<Answer extends { readonly kind: string }>(
  { quote, ask: askOnce }: HoldQuestion<Answer>,
  wait: BudgetWait,
): Promise<Reserved<HoldAnswer<Answer>>> {
  const asked = async (terms: HoldTerms) => ({ terms, answer: await askOnce(terms) })
  let last: Reserved<HoldAnswer<Answer>> = await asked(quote.whole())
  if (!isLimited(last.answer)) return last
  const isSized = isAboutSize(last.answer)
  const mayFit = isSized && mightFit(last.answer, quote.smallest(), wait.helps(last.answer))
  const inputTokens = mayFit ? await quote.demand.count() : quote.demand.inputTokens
  const lowered = quote.lowered(inputTokens)
  // What only holds are in the way of is worth waiting for; what never fits is not.
  const next = isSized && !wait.helps(last.answer) ? lowered : quote.whole(inputTokens)
  if (!isSame(next, last.terms)) last = await asked(next)
  while (isLimited(last.answer) && (await wait.turn(last.answer))) last = await asked(next)
  return isSized && isLimited(last.answer) && !isSame(lowered, last.terms) ? asked(lowered) : last
}

/** What goes on although nobody can say what it will cost. */
function tellGranted({ id: runId, context }: RunScope, quote: Quote): void {
  const { demand, unboundedBy, allowance, pricing } = quote
  const { provider = '', model } = demand
  if (pricing !== 'known') context.events.emit('price-unknown', { runId, provider, model, did: pricing })
  if (unboundedBy.length === 0) return
  const put = allowance === 0 ? null : usdFromNano(allowance)
  context.events.emit('call-unbounded', { runId, model, unboundedBy, allowance: put })
}

/** Whether a smaller request is another question: one about money, or tokens, or their pace. */
function isAboutSize({ what, of }: Limited): boolean {
  return what === 'budget' || what === 'tokens' || of === 'tokens'
}

/** Whether a smaller request could be what there is room for, now or when what is in flight has ended. */
function mightFit({ what, limit, spent, held }: Limited, smallest: HoldTerms, waits: boolean): boolean {
  if (what === 'rate') return true
  const room = limit - spent - (waits ? 0 : held)
  return what === 'budget' ? nanoOf(smallest) <= room : smallest.inputTokens + smallest.output.least <= room
}

function isSame(one: HoldTerms, other: HoldTerms): boolean {
  return one.inputTokens === other.inputTokens && one.output.least === other.output.least
}

/** What is held for the least output. */
export function nanoOf({ inputNano, outputRate, output }: HoldTerms, outputTokens: number = output.least): number {
  return inputNano + Number((BigInt(outputRate) * BigInt(outputTokens) + BigInt(MILLION - 1)) / BigInt(MILLION))
}

function isLimited(answer: { readonly kind: string }): answer is Limited {
  return answer.kind === 'limited'
}

function isRefused<Answer extends { readonly kind: string }>(
  answer: HoldAnswer<Answer>,
): answer is Extract<HoldAnswer<Answer>, Limited | NotBounded> {
  return answer.kind === 'limited' || answer.kind === 'not_bounded'
}

/** Whether the call must be sent with a cap that its caller did not set, or set higher. */
export function isCapped(quote: Quote, granted: Granted): boolean {
  const { outputCap } = quote.demand
  return granted.limited && (outputCap === undefined || granted.outputTokens < outputCap)
}
