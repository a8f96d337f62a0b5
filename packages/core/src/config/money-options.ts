import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import type { Tokenizer } from '../estimate/tokenizer.ts'
import type { PriceOptions } from '../price/model-price.ts'
import { checkWait } from '../tool/check-wait.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import type { Usd } from '../usd.ts'
import { checkAmount } from './check-limits.ts'

/** What is done about a call under a hard limit whose use nobody can bound: refused, or held for with an allowance on top. */
export type UnboundedCalls = 'refuse' | { readonly allowance: Usd }

/** How a ledger estimates, prices and waits. */
export interface MoneyOptions {
  /** Prices of your own, which go before those that come with this package; no price is ever fetched. @default a file from HOLDFAST_PRICES_FILE */
  readonly prices?: PriceOptions
  /** Counts what bytes only bound, where that decides whether a call fits. @default js-tiktoken, for the models that it knows */
  readonly tokenizer?: Tokenizer
  /** A model without a known price, under a hard budget: refused, priced like the dearest of its provider, or not counted. @default 'refuse' */
  readonly unknownPrice?: 'refuse' | 'assume' | 'allow'
  /** Calls with tools that the provider runs, or with content that it fetches. @default 'refuse' */
  readonly unboundedCalls?: UnboundedCalls
  /** Model calls wait while only others in flight, or the pace of a rate, are in the way; `true`: as `wait` says. @default false */
  readonly waitForBudget?: boolean | WaitOptions
}

/** Throws `ConfigError` that names the option. */
export function checkMoneyOptions(where: string, options: MoneyOptions): void {
  const { tokenizer, unboundedCalls, waitForBudget } = options
  if (tokenizer !== undefined && typeof tokenizer?.count !== 'function')
    throw new ConfigError(`${where}: tokenizer must be an object such as { count: (text) => 5 }. Nothing was started.`)
  if (unboundedCalls !== undefined && unboundedCalls !== 'refuse') checkAllowance(where, unboundedCalls)
  if (typeof waitForBudget !== 'boolean') checkWait(`${where}: waitForBudget`, waitForBudget)
}

function checkAllowance(where: string, calls: Exclude<UnboundedCalls, 'refuse'>): void {
  if (typeof calls !== 'object' || calls === null || calls.allowance === undefined)
    throw new ConfigError(
      `${where}: unboundedCalls must be 'refuse' or { allowance: usd(…) }. Nothing was started. The allowance is put aside for each such call, beyond what can be bounded.`,
    )
  checkOptionNames(`${where}: unboundedCalls`, calls, ['allowance'])
  checkAmount(`${where}: unboundedCalls`, 'allowance', calls.allowance)
}
