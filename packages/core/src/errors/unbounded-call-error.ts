import { formatUsd, type Usd } from '../usd.ts'
import { HoldfastError } from './holdfast-error.ts'
import { countText } from './limit-text.ts'
import { withLooseBudget } from './loose-text.ts'

/** What a call may use cannot be bounded, and a hard limit applies that it could break: it was not sent. */
export class UnboundedCallError extends HoldfastError {
  static override readonly code = 'unbounded-call'
  declare readonly code: 'unbounded-call'
  readonly provider: string
  readonly model: string
  /** The parts of the request that have no bound, such as `tools[0]: web_search`. */
  readonly unboundedBy: readonly string[]
  /** The name of the scope whose limit it is. */
  readonly scope: string
  readonly what: 'budget' | 'tokens'
  /** nano-USD, or tokens. */
  readonly limit: number

  constructor(facts: {
    provider: string
    model: string
    unboundedBy: readonly string[]
    scope: string
    what: 'budget' | 'tokens'
    limit: number
  }) {
    super(withLooseBudget(messageOf(facts), facts.scope), { status: 402 })
    this.provider = facts.provider
    this.model = facts.model
    this.unboundedBy = facts.unboundedBy
    this.scope = facts.scope
    this.what = facts.what
    this.limit = facts.limit
  }
}

function messageOf(facts: Pick<UnboundedCallError, 'model' | 'unboundedBy' | 'scope' | 'what' | 'limit'>): string {
  const { model, unboundedBy, scope, what, limit } = facts
  const why = unboundedBy.length === 0 ? '' : ` because of ${unboundedBy.join(', ')}`
  const most = what === 'budget' ? formatUsd(limit as Usd) : countText(limit, 'tokens')
  return (
    `What a call of "${model}" may use has no bound${why}, and '${scope}' has a hard limit of ${most}. ` +
    `The call was not sent. Take that out of the request, or let such calls go with an allowance: createLedger({ unboundedCalls: { allowance: usd(…) } }).`
  )
}
