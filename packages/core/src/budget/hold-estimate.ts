import { LEAST_BUDGET } from '../config/check-limits.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { isReasoning } from '../estimate/asked-for.ts'
import { estimateRequest } from '../estimate/estimate-request.ts'
import type { ModelPrice } from '../price/model-price.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import { isCountOfCall } from '../usage/token-usage.ts'
import { isUsd, type Usd } from '../usd.ts'
import { boundOf, type Demand } from './demand.ts'
import { checkBudgetWait } from './wait-options.ts'

/** What a call that the ledger does not see may use at most: counts of tokens, or what they are counted from; or an amount. */
export interface HoldEstimate {
  readonly model: string
  /** @default whoever makes a model of that name */
  readonly provider?: string
  readonly inputTokens?: number
  /**
   * The cap that it is sent with. @default 16_384, or less where there is not as much room: see `granted`; none for what is
   * priced by its input alone
   */
  readonly outputTokens?: number
  /** Counted instead of `inputTokens`. */
  readonly messages?: readonly unknown[]
  /** Counted instead of `inputTokens`. */
  readonly prompt?: string
  /** What is put aside, as it is; it comes to what is settled, by the price where that is known. */
  readonly usd?: Usd
  /** What it costs: `{ input: 0.15, output: 0.6, per: 1_000_000 }`, in dollars. @default as the ledger's prices say */
  readonly price?: ModelPrice
  /** @default as the ledger's `waitForBudget` says */
  readonly wait?: boolean | WaitOptions
}

const KNOWN: readonly (keyof HoldEstimate)[] = [
  'model',
  'provider',
  'inputTokens',
  'outputTokens',
  'messages',
  'prompt',
  'usd',
  'price',
  'wait',
]

/** Throws `ConfigError` for an estimate that says nothing, or something that is none. */
export function checkHoldEstimate(estimate: HoldEstimate): void {
  checkOptionNames('run.reserve', estimate, KNOWN)
  const { model, usd, inputTokens, outputTokens, messages, prompt } = estimate
  if (typeof model !== 'string' || model === '') throw wrong('`model` must be the name of a model')
  if (usd !== undefined && !(isUsd(usd) && usd >= LEAST_BUDGET))
    throw wrong(`\`usd\` is ${String(usd)}; it must be an amount such as usd(0.05), and no less than usd(0.00001)`)
  for (const [name, count] of Object.entries({ inputTokens, outputTokens })) {
    if (count !== undefined && !isCountOfCall(count))
      throw wrong(`\`${name}\` is ${String(count)}; it must be a number of tokens, a billion at most`)
  }
  if (usd === undefined && inputTokens === undefined && messages === undefined && prompt === undefined)
    throw wrong('it says nothing of what goes in; state `inputTokens`, `messages`, `prompt` or `usd`')
  checkBudgetWait('run.reserve: `wait`', estimate.wait)
}

/** Counts of tokens say all of it: text, and none that Claude is asked to cache. */
const PLAIN: Demand['bound'] = Object.freeze({ media: [], cacheControl: 'none' })

/** What is to be put aside for it. An estimate in tokens is taken at its word. */
export function holdDemand(context: LedgerContext, estimate: HoldEstimate): Demand {
  const { provider, model, inputTokens, outputTokens, messages, prompt, usd } = estimate
  const facts = {
    ...(provider === undefined ? {} : { provider }),
    ...{
      model,
      outputCap: usd === undefined ? outputTokens : (outputTokens ?? 0),
      answers: 1,
      canBeLowered: outputTokens === undefined,
      isByHand: true,
    },
  }
  const request = messages ?? prompt
  if (inputTokens !== undefined || request === undefined) {
    const tokens = inputTokens ?? 0
    const counted = { inputTokens: tokens, leastInputTokens: tokens, count: async () => tokens }
    return { ...facts, ...counted, isReasoning: isReasoning(undefined, model), bound: PLAIN, unboundedBy: [] }
  }
  const asked = { provider: provider ?? '', model, request }
  const counted = estimateRequest(asked)
  return {
    ...facts,
    inputTokens: counted.inputTokens,
    leastInputTokens: counted.inputTokens - counted.textTokens,
    isReasoning: counted.isReasoning,
    bound: boundOf(counted),
    unboundedBy: counted.unboundedBy,
    count: async () => (await context.tokenCounter.tighten(asked, counted)).inputTokens,
  }
}

function wrong(what: string): ConfigError {
  return new ConfigError(`run.reserve: ${what}. Nothing was put aside.`)
}
