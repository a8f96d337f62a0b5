import { ConfigError } from '../errors/config-error.ts'
import { checkLimits, type LimitPlace } from './check-limits.ts'
import { isAskedFor, type LimitsFor, type ScopeLimits } from './limit-settings.ts'
import type { Limits, OneOrMany } from './limits.ts'
import { checkScopePattern, LEDGER_SCOPE } from './scope-names.ts'

/** Checks the limits that a ledger's code gives scopes, by their names. Throws `ConfigError`. */
export function checkScopes(where: string, scopes: ScopeLimits): void {
  if (typeof scopes !== 'object' || scopes === null || Array.isArray(scopes))
    throw new ConfigError(`${where} is an object such as { 'user:*': { budget: usd(5) } }. Nothing was started.`)
  for (const [pattern, limits] of Object.entries(scopes)) checkScope(where, pattern, limits)
}

/** Which limits the scopes of that name may have. */
export function placeOf(pattern: string): LimitPlace {
  return pattern.startsWith('run:') ? 'runs' : 'scope'
}

function checkScope(where: string, pattern: string, limits: OneOrMany<Limits> | LimitsFor): void {
  checkScopePattern(where, pattern)
  const name = `${where}['${pattern}']`
  if (pattern.startsWith('session:') || pattern.startsWith('loose:'))
    throw new ConfigError(
      `${name}: a session has the limits of createLedger({ limits }), and where there are none, calls outside of runs share HOLDFAST_BUDGET. Nothing was started. Use those.`,
    )
  if (!isAskedFor(limits)) checkLimits(name, limits, placeOf(pattern))
  else if (pattern.startsWith('run:') || pattern === LEDGER_SCOPE)
    throw new ConfigError(
      `${name}: no run names that scope, so nobody would ask the function. Nothing was started. Give the limits themselves.`,
    )
}
