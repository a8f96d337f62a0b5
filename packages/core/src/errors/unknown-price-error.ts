import { formatUsd, type Usd } from '../usd.ts'
import { HoldfastError } from './holdfast-error.ts'
import { withLooseBudget } from './loose-text.ts'

/** A model has no known price, and a hard budget applies that it could break: the call was not sent. */
export class UnknownPriceError extends HoldfastError {
  static override readonly code = 'unknown-price'
  declare readonly code: 'unknown-price'
  readonly provider: string
  readonly model: string
  /** The name of the scope whose budget it is. */
  readonly scope: string
  readonly limit: Usd

  constructor(facts: { provider: string; model: string; scope: string; limit: Usd }) {
    const { provider, model, scope, limit } = facts
    const message =
      `No price of "${model}" (${provider}) is known, so nothing says whether it would break the budget of '${scope}' (${formatUsd(limit)}). ` +
      `The call was not sent. Give its price to createLedger (prices: { overrides }) or to the call (price), or decide with unknownPrice: 'assume' or 'allow'.`
    super(withLooseBudget(message, scope), { status: 402 })
    this.provider = provider
    this.model = model
    this.scope = scope
    this.limit = limit
  }
}
