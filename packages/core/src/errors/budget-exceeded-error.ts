import { formatUsd, type Usd } from '../usd.ts'
import { HoldfastError } from './holdfast-error.ts'
import { callText, goOnText, WAIT } from './limit-text.ts'
import { raiseLooseBudget, withLooseBudget } from './loose-text.ts'

/** Why a budget did not allow something. Amounts are nano-USD; times are epoch milliseconds. */
export interface BudgetExceeded {
  /** The name of the scope whose budget it is: `run:order-42`, `user:ann`, `session:…`. */
  readonly scope: string
  /** What may be spent: without the part that is kept for `run.final`, unless it was asked for there. */
  readonly limit: Usd
  readonly spent: Usd
  /** Put aside for calls in flight. */
  readonly held: Usd
  /** The most that the refused call could have cost, with the least output that makes sense. */
  readonly requested: Usd
  readonly model: string | null
  /** Only calls in flight stand in the way. */
  readonly waitingHelps: boolean
  /** When there is more by itself; null: never. */
  readonly resetsAt: number | null
}

/** A model call could break a hard budget: it was not sent. */
export class BudgetExceededError extends HoldfastError implements BudgetExceeded {
  static override readonly code = 'budget-exceeded'
  declare readonly code: 'budget-exceeded'
  readonly scope: string
  readonly limit: Usd
  readonly spent: Usd
  readonly held: Usd
  readonly requested: Usd
  /** By how much it is too much. */
  readonly overage: Usd
  readonly model: string | null
  readonly waitingHelps: boolean
  readonly resetsAt: number | null

  constructor(facts: BudgetExceeded) {
    const overage = overageOf(facts)
    super(`${happened(facts, overage)} ${advice(facts)}`, { status: 402 })
    this.scope = facts.scope
    this.limit = facts.limit
    this.spent = facts.spent
    this.held = facts.held
    this.requested = facts.requested
    this.overage = overage
    this.model = facts.model
    this.waitingHelps = facts.waitingHelps
    this.resetsAt = facts.resetsAt
  }
}

function overageOf({ limit, spent, held, requested }: BudgetExceeded): Usd {
  return Math.max(0, spent + held + requested - limit) as Usd
}

function happened(facts: BudgetExceeded, overage: Usd): string {
  const [limit, spent, held, requested] = [facts.limit, facts.spent, facts.held, facts.requested].map(formatUsd)
  const gone = facts.held === 0 ? `${spent} is spent` : `${spent} is spent and ${held} is held for calls in flight`
  return `${callText(facts.model)} could break the budget of '${facts.scope}': of ${limit}, ${gone}, and up to ${requested} is needed, ${formatUsd(overage)} too much. It was not sent.`
}

function advice({ scope, waitingHelps, resetsAt }: BudgetExceeded): string {
  if (waitingHelps) return withLooseBudget(WAIT, scope)
  const raise = raiseLooseBudget(scope)
  if (raise !== undefined) return raise
  return goOnText({ scope, resetsAt }, 'budget: usd(…)', 'send less')
}
