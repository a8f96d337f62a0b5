import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { RateLimitedError } from '../errors/rate-limited-error.ts'
import { UnboundedCallError } from '../errors/unbounded-call-error.ts'
import { UnknownPriceError } from '../errors/unknown-price-error.ts'
import type { Limited, NotBounded } from '../store/limit-records.ts'
import { usdFromNano } from '../usd.ts'

/** What was refused. */
export interface RefusedWork {
  /** Null or absent: a model call. */
  readonly tool?: string | null
  readonly provider?: string
  readonly model?: string | null
  /** The parts of the request that have no bound. */
  readonly unboundedBy?: readonly string[]
}

/** The error that a refusal of the store means. `at`: when it was refused, in epoch milliseconds. */
export function limitError(refusal: Limited | NotBounded, work: RefusedWork, at: number): Error {
  if (refusal.kind === 'not_bounded') return boundlessError(refusal, work)
  switch (refusal.what) {
    case 'budget':
      return budgetError(refusal, work)
    case 'rate':
      return rateError(refusal, work, at)
    default:
      return new LimitExceededError({
        ...{ what: refusal.what, scope: refusal.scope, limit: refusal.limit },
        ...{ spent: refusal.spent, held: refusal.held, requested: refusal.requested },
        ...{ tool: work.tool ?? null, model: work.model ?? null, ofTool: refusal.tool !== null },
        ...{ waitingHelps: refusal.waitingHelps, resetsAt: refusal.resetsAt },
      })
  }
}

function budgetError(refusal: Limited, { model = null }: RefusedWork): Error {
  return new BudgetExceededError({
    scope: refusal.scope,
    limit: usdFromNano(refusal.limit),
    spent: usdFromNano(refusal.spent),
    held: usdFromNano(refusal.held),
    requested: usdFromNano(refusal.requested),
    model,
    waitingHelps: refusal.waitingHelps,
    resetsAt: refusal.resetsAt,
  })
}

function rateError(refusal: Limited, { tool = null, model = null }: RefusedWork, at: number): Error {
  const { scope, limit, perMs, requested, resetsAt } = refusal
  return new RateLimitedError({
    scope,
    of: refusal.of ?? (tool === null ? 'calls' : 'effects'),
    limit,
    perMs: perMs ?? 0,
    requested,
    tool,
    model,
    retryAfterMs: resetsAt === null ? null : Math.max(0, resetsAt - at),
  })
}

function boundlessError(refusal: NotBounded, work: RefusedWork): Error {
  const { why, scope, what, limit } = refusal
  const { provider = 'unknown', unboundedBy = [] } = work
  const model = work.model ?? 'unknown'
  return why === 'unpriced'
    ? new UnknownPriceError({ provider, model, scope, limit: usdFromNano(limit) })
    : new UnboundedCallError({ provider, model, unboundedBy, scope, what, limit })
}
