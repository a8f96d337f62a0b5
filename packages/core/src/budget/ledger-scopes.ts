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

/** What scopes may use, and what they have used. */
export interface LedgerScopes {
  /** What a scope has used: `user:ann`, `run:order-42`, `thread:t1`, `session:…`, `ledger`. */
  usage(scope: string): Promise<Usage>
  /**
   * Sets the limits of a scope or pattern from now on, for every process and before what the code says; what is in
   * flight goes on. `{}` lifts them, `null` goes back to what the code says.
   */
  limit(scope: string, limits: OneOrMany<Limits> | null): Promise<void>
  /** All limits that are set, but for those of single runs: `list('run:order-42')` has these. */
  list(scope?: string): Promise<readonly SetScopeLimits[]>
}

/** See `LedgerScopes.limit`. */
export async function limitScope(
  context: LedgerContext,
  scope: string,
  limits: OneOrMany<Limits> | null,
): Promise<void> {
  const where = 'ledger.scopes.limit'
  checkScopePattern(where, scope)
  if (limits !== null) checkLimits(`${where}('${scope}')`, limits, placeOf(scope))
  // First what the code says, so that the log tells the words in the order in which they count.
  await CodeLimits.of(context).ready([])
  await setLimits(context, 'runtime', new Map([[scope, limits === null ? null : termsIn(limits)]]))
  WaitingLines.of(context.store).roomAgain()
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
