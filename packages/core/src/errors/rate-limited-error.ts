import { HoldfastError } from './holdfast-error.ts'
import { callText, countText, goOnText, rateText, secondsText } from './limit-text.ts'

/** Why a rate did not allow something now. */
export interface RateLimited {
  /** The name of the scope whose rate it is: `run:order-42`, `user:ann`, `ledger`. */
  readonly scope: string
  readonly of: 'tokens' | 'calls' | 'effects'
  /** How many per `perMs`. */
  readonly limit: number
  readonly perMs: number
  readonly requested: number
  /** What was refused; null where it was a model call. */
  readonly tool: string | null
  readonly model: string | null
  /** Null: it is more than the rate ever allows at once. */
  readonly retryAfterMs: number | null
}

/** A rate did not allow a model call or an effect at this moment: it was not started, and the run goes on. */
export class RateLimitedError extends HoldfastError implements RateLimited {
  static override readonly code = 'rate-limited'
  declare readonly code: 'rate-limited'
  readonly scope: string
  readonly of: 'tokens' | 'calls' | 'effects'
  readonly limit: number
  readonly perMs: number
  readonly requested: number
  readonly tool: string | null
  readonly model: string | null
  readonly retryAfterMs: number | null

  constructor(facts: RateLimited) {
    super(messageOf(facts), { status: 429 })
    this.scope = facts.scope
    this.of = facts.of
    this.limit = facts.limit
    this.perMs = facts.perMs
    this.requested = facts.requested
    this.tool = facts.tool
    this.model = facts.model
    this.retryAfterMs = facts.retryAfterMs
  }
}

function messageOf(facts: RateLimited): string {
  const { scope, tool, model, retryAfterMs, requested, of } = facts
  const refused = tool === null ? callText(model) : `"${tool}"`
  const prevented = tool === null ? 'It was not sent.' : 'It was not executed.'
  const happened = `${refused} came too early for the rate of '${scope}', ${rateText(facts)}. ${prevented}`
  if (retryAfterMs !== null) return `${happened} Ask again in ${secondsText(retryAfterMs)}.`
  return `${happened} Waiting does not help: it needs ${countText(requested, of)}, more than may go at once. ${goOnText({ scope, resetsAt: null }, 'rate: { …, burst: … }', 'send less')}`
}
