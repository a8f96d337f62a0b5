import { checkLimits } from '../config/check-limits.ts'
import { placeOf } from '../config/check-scopes.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { termsIn } from '../config/limit-settings.ts'
import { limitsOf } from '../config/limit-terms.ts'
import type { Limits, OneOrMany } from '../config/limits.ts'
import { checkScopePattern } from '../config/scope-names.ts'
import { CodeLimits } from './code-limits.ts'
import { setLimits } from './set-limits.ts'
import type { Usage } from './usage-view.ts'
import { WaitingLines } from './waiting-lines.ts'

/** Limits that are set on a scope, or on all scopes that a pattern fits. */
export interface SetScopeLimits {
  /** A name such as `user:ann`, or a pattern such as `user:*`. */
  readonly scope: string
  /** What was set at run time goes before what the code says. */
  readonly source: 'code' | 'runtime'
  /** All of them hold; none: it is known, and not limited. */
  readonly limits: readonly Limits[]
}

/** Makes new limits of those that are in force; null: back to what the code says. */
export type ChangeLimits = (present: readonly Limits[]) => NewLimits | Promise<NewLimits>

type NewLimits = OneOrMany<Limits> | null

/** What scopes may use, and what they have used. */
export interface LedgerScopes {
  /** What a scope has used: `user:ann`, `run:order-42`, `thread:t1`, `session:…`, `ledger`. */
  usage(scope: string): Promise<Usage>
  /**
   * Sets the limits of a scope or pattern from now on, for every process and before what the code says; what is in
   * flight goes on. They replace all that are in force on it, those of its pattern too: to change one, give a function.
   * `{}` lifts them, `null` goes back to what the code says.
   *
   * @example
   * await ledger.scopes.limit('user:ann', (present) =>
   *   present.map((one) => (one.effects === undefined ? one : { ...one, effects: 10 })),
   * )
   */
  limit(scope: string, limits: NewLimits | ChangeLimits): Promise<void>
  /** All limits that are set, but for those of single runs: `list('run:order-42')` has these. */
  list(scope?: string): Promise<readonly SetScopeLimits[]>
}

/** See `LedgerScopes.limit`. */
export async function limitScope(
  context: LedgerContext,
  scope: string,
  limits: NewLimits | ChangeLimits,
): Promise<void> {
  const where = 'ledger.scopes.limit'
  checkScopePattern(where, scope)
  if (!isChange(limits)) checkGiven(where, scope, limits)
  // First what the code says, so that the log tells the words in the order in which they count.
  await CodeLimits.of(context).ready(isChange(limits) ? [scope] : [])
  const next = isChange(limits) ? await limits(await presentLimits(context, scope)) : limits
  if (isChange(limits)) checkGiven(where, scope, next)
  await setLimits(context, 'runtime', new Map([[scope, next === null ? null : termsIn(next)]]))
  WaitingLines.of(context.store).roomAgain()
}

/** Those in force on a scope. A pattern has the limits that a scope has which only it fits. */
async function presentLimits({ store, clock }: LedgerContext, scope: string): Promise<readonly Limits[]> {
  const present = await store.readLimits(scope, clock.now())
  return present.map(({ terms }) => limitsOf(terms))
}

function checkGiven(where: string, scope: string, limits: NewLimits): void {
  if (limits !== null) checkLimits(`${where}('${scope}')`, limits, placeOf(scope))
}

function isChange(limits: NewLimits | ChangeLimits): limits is ChangeLimits {
  return typeof limits === 'function'
}

/** See `LedgerScopes.list`. */
export async function listScopeLimits(context: LedgerContext, scope?: string): Promise<readonly SetScopeLimits[]> {
  await CodeLimits.of(context).ready([])
  const rows = await context.store.listLimits(scope)
  return rows.map(({ pattern, source, terms }) => ({
    scope: pattern,
    source,
    limits: (terms ?? []).map(limitsOf),
  }))
}
