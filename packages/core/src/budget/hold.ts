import { encodeValue } from '../codec/value-codec.ts'
import { LEAST_BUDGET } from '../config/check-limits.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { Granted, HoldCost } from '../store/limit-records.ts'
import { isFields } from '../usage/fields.ts'
import type { TokenUsage } from '../usage/token-usage.ts'
import { formatUsd, isUsd, type Usd, usdFromNano } from '../usd.ts'
import { readSpent } from './read-spent.ts'
import { type HoldOfCall, mostOf, spendingOf } from './settle-cost.ts'

/** What a call came to: what it used, in our units or as its provider says it; or an amount. */
export type Spent = TokenUsage | { readonly usd: Usd } | SaidByProvider

/** Any object but one that has an amount in it: a plain number is none. */
type SaidByProvider = (object & { readonly usd?: never }) | { readonly usd?: never; readonly [member: string]: unknown }

/** Money that is put aside for a call that the ledger does not see. Left open at the end of its run, it is spent. */
export class Hold implements AsyncDisposable {
  /** What is put aside, and the most output that it is for: send the call with that as its cap. */
  readonly granted: { readonly usd: Usd; readonly tokens: number; readonly outputTokens: number }
  readonly #held: HoldOfCall
  readonly #record: (cost: HoldCost, usage: string | null) => Promise<void>
  #forget: (() => void) | undefined
  #spent: Promise<Usd> | undefined

  /** For runs; use `run.reserve`. */
  constructor(
    held: HoldOfCall,
    record: (cost: HoldCost, usage: string | null) => Promise<void>,
    leaveOpen: (close: () => Promise<void>) => () => void,
  ) {
    const { nano, tokens, outputTokens } = held.granted
    this.granted = { usd: usdFromNano(nano), tokens, outputTokens }
    this.#held = held
    this.#record = record
    this.#forget = leaveOpen(() => this.#charge())
  }

  /**
   * Says what the call used, and answers what that cost. The first word counts; it is accepted at any time, also after
   * the end of the run. Input or output that is not told counts as held; of an amount, all of it does. Throws `ConfigError`
   * for what is no usage.
   */
  async settle(spent: Spent): Promise<Usd> {
    if (this.#spent !== undefined) return this.#spent
    const { cost, usage } = this.#costOf(spent)
    const nano = cost.kind === 'spent' ? cost.nano : 0
    this.#spent = this.#end(cost, usage).then(() => usdFromNano(nano))
    return this.#spent
  }

  /** The call was not made, or not billed: nothing was spent. */
  async release(): Promise<void> {
    if (this.#spent === undefined) await this.#end({ kind: 'released', sent: false }, null)
  }

  /** Nobody said what the call cost: all of it counts, until somebody does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#charge()
  }

  async #charge(): Promise<void> {
    if (this.#forget !== undefined) await this.#end({ kind: 'charged' }, null)
  }

  /** What is over is not to be closed by the run's end any more. */
  async #end(cost: HoldCost, usage: string | null): Promise<void> {
    this.#forget?.()
    this.#forget = undefined
    await this.#record(cost, usage)
  }

  #costOf(spent: Spent): { cost: HoldCost; usage: string | null } {
    const { quote, granted } = this.#held
    if (isFields(spent) && 'usd' in spent) return { cost: amountCost(spent.usd, granted), usage: null }
    const reading = readSpent(spent, quote.demand.provider)
    if (reading === undefined)
      throw new ConfigError(
        'hold.settle: this is no usage: state { input, output } in whole tokens, up to a billion, what the provider counted, or { usd: usd(…) }. The hold is still open.',
      )
    const { cost, usage } = spendingOf(this.#held, reading, undefined)
    return { cost, usage: encodeValue(usage) }
  }
}

function amountCost(usd: unknown, granted: Granted): HoldCost {
  // A plain number of dollars would be as many nano-USD.
  if (!isUsd(usd) || (usd > 0 && usd < LEAST_BUDGET))
    throw new ConfigError(
      `hold.settle: \`usd\` is ${String(usd)}; it must be an amount such as usd(0.05), and no less than usd(0.00001) unless it is usd(0). The hold is still open. Settle what cost less by what it used.`,
    )
  const most = mostOf(granted)
  if (usd > most)
    throw new ConfigError(
      `hold.settle: \`usd\` is ${formatUsd(usd)}, and no call costs more than ${formatUsd(most)}. The hold is still open.`,
    )
  const exact = { exactUsd: null, priceVersion: null, estimated: false } as const
  return { kind: 'spent', nano: usd, tokens: granted.tokens, ...exact }
}
