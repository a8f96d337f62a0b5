import type { Demand } from '../budget/demand.ts'
import { quoteForHeld } from '../budget/quote.ts'
import { type Spending, spendingOf } from '../budget/settle-cost.ts'
import { tellSettled } from '../budget/tell-settled.ts'
import { encodeValue } from '../codec/value-codec.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { isGivenVersion } from '../price/resolve-price.ts'
import type { CallCorrected } from '../store/call-verbs.ts'
import type { HoldRecord } from '../store/limit-records.ts'
import type { CallRecord } from '../store/records.ts'
import { checkUsage, USAGE_UNITS } from '../usage/token-usage.ts'
import type { UsageReading } from '../usage/usage-reading.ts'
import { type Usd, usdFromNano } from '../usd.ts'

/** What a call that was charged in full really used, told by whoever read its result. */
export interface ChargeCorrection {
  /** What its provider knows the call by: `SeenAnswer.externalId`. */
  readonly externalId: string
  readonly reading: UsageReading
  /** Who answered, where the reading does not say it. @default the model that was asked */
  readonly model?: string | undefined
}

/**
 * What became of it. `already-corrected`: the call has its cost, and nothing was changed. `unknown`: nothing was put aside
 * for a call of that id in this store.
 */
export type ChargeCorrected =
  | {
      readonly kind: 'corrected'
      readonly runId: string
      /** As `ledger.calls.get` takes it. */
      readonly callId: number
      /** What counted until now. */
      readonly before: Usd
      readonly spent: Usd
      /** A bound: not all that it used was told, or has a price that is known here. The next reading may say it better. */
      readonly estimated: boolean
    }
  | { readonly kind: 'already-corrected'; readonly runId: string; readonly callId: number }
  | { readonly kind: 'unknown' }

/** See `Ledger.correct`. */
export async function correctCharge(context: LedgerContext, correction: ChargeCorrection): Promise<ChargeCorrected> {
  checkCorrection(correction)
  const { externalId } = correction
  const call = await context.store.findCall(externalId)
  if (call === null || call.hold === null) return { kind: 'unknown' }
  const { cost, usage } = await spendingOfCall(context, call, call.hold, correction)
  const body = usage === null ? null : encodeValue(usage)
  const answer = await context.store.correct({ id: call.id, cost, usage: body, at: context.clock.now() })
  const about = { runId: call.runId, callId: call.id }
  if (answer.kind === 'already-corrected') return { kind: 'already-corrected', ...about }
  const facts = {
    before: usdFromNano(answer.beforeNano),
    spent: usdFromNano(answer.hold.nano),
    estimated: cost.estimated,
  }
  tell(context, call, { externalId, ...facts }, answer)
  return { kind: 'corrected', ...about, ...facts }
}

interface Corrected {
  readonly externalId: string
  readonly before: Usd
  readonly spent: Usd
  readonly estimated: boolean
}

function tell(
  context: LedgerContext,
  { runId, model }: CallRecord,
  facts: Corrected,
  { limited, hold }: Extract<CallCorrected, { kind: 'corrected' }>,
): void {
  context.events.emit('call-corrected', { runId, model, ...facts })
  tellSettled({ id: runId, context }, model, limited, hold)
}

type Spent = Extract<Spending['cost'], { kind: 'spent' }>

/**
 * At the price of the time at which it was asked. How much of what was put aside was for what is not on record: it stands
 * for all that is not told or has no price, so that only what is known in full ever counts for less.
 */
async function spendingOfCall(
  context: LedgerContext,
  call: CallRecord,
  hold: HoldRecord,
  { reading, model }: ChargeCorrection,
): Promise<{ readonly cost: Spent; readonly usage: Spending['usage'] }> {
  if (usedNothing(reading)) return { cost: NOTHING, usage: reading.usage }
  const amount = usdFromNano(hold.nano)
  const isGiven = hold.priceVersion !== null && isGivenVersion(hold.priceVersion)
  const quote = await quoteForHeld(context, demandOf(call), { amount, at: call.startedAt, isGiven })
  const granted = { hold: hold.id, nano: hold.nano, tokens: hold.tokens, outputTokens: 0, limited: true }
  const answered = model === undefined || reading.model !== undefined ? reading : { ...reading, model }
  const { cost, usage } = spendingOf({ quote, terms: quote.whole(0), granted }, answered, undefined)
  return { cost: atLeast(hold, cost as Spent), usage }
}

function atLeast({ nano, tokens }: HoldRecord, spent: Spent): Spent {
  if (!spent.estimated) return spent
  const isLess = spent.nano < nano
  return { ...spent, ...(isLess ? { nano, exactUsd: null } : {}), tokens: Math.max(spent.tokens, tokens) }
}

const NOTHING: Spent = Object.freeze({
  ...{ kind: 'spent', nano: 0, tokens: 0, exactUsd: '0', priceVersion: null, estimated: false },
} as const)

/** Told, and not left out: a batch of which nothing came. That costs nothing at any price. */
function usedNothing({ usage, complete, reported, others }: UsageReading): boolean {
  const counts = USAGE_UNITS.map((unit) => usage[unit]).filter((count) => count !== undefined)
  return complete && !reported && others.length === 0 && counts.length > 0 && counts.every((count) => count === 0)
}

function demandOf({ provider, model }: CallRecord): Demand {
  const tokens = { inputTokens: 0, leastInputTokens: 0, outputCap: 0, count: async () => 0 }
  const answer = { canBeLowered: false, answers: 1, isReasoning: false }
  return { provider, model, ...tokens, ...answer, bound: { media: [], cacheControl: 'none' }, unboundedBy: [] }
}

const MEMBERS: readonly (keyof ChargeCorrection)[] = ['externalId', 'reading', 'model']

function checkCorrection(correction: ChargeCorrection): void {
  if (typeof correction !== 'object' || correction === null) throw wrong('there is nothing to correct')
  checkOptionNames('ledger.correct', correction, MEMBERS)
  const { externalId, reading } = correction
  if (typeof externalId !== 'string' || externalId === '')
    throw wrong("`externalId` must be what its provider knows the call by, such as 'openai:resp_1'")
  if (!Array.isArray(reading?.others))
    throw wrong(
      '`reading` must say what was used, such as { usage: { input: 5, output: 9 }, complete: true, others: [] }',
    )
  for (const { usage } of [reading, ...reading.others]) checkUsage('ledger.correct', usage)
}

function wrong(what: string): ConfigError {
  return new ConfigError(`ledger.correct: ${what}. Nothing was changed.`)
}
