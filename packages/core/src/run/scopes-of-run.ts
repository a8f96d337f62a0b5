import { CodeLimits } from '../budget/code-limits.ts'
import { setLimits } from '../budget/set-limits.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { termsIn } from '../config/limit-settings.ts'
import { limitTerms } from '../config/limit-terms.ts'
import type { Limits, OneOrMany } from '../config/limits.ts'
import { looseScope, sessionScope, threadScope } from '../config/scope-names.ts'
import type { OpenRun } from '../store/run-verbs.ts'
import type { Enclosing } from './enclosing.ts'
import type { RunOptions } from './run-options.ts'

/** `run`: by `ledger.run` or `ledger.open`. `loose`: one model call outside of any run. */
export type OpenedFor = 'run' | 'loose'

/** What a run counts on, beside its own scope, those above it, its thread's and the ledger's. */
export type CountedOn = Required<Pick<OpenRun, 'limits' | 'scopes' | 'sessionScopes'>>

/** Names the scopes of a run that is about to be opened. */
export function scopesOfRun(
  { session }: LedgerContext,
  { limits, scopes = [] }: RunOptions,
  { thread }: Pick<OpenRun, 'thread'>,
  parent: Enclosing | undefined,
  openedFor: OpenedFor,
): CountedOn {
  const own = isList(scopes) ? scopes : Object.keys(scopes)
  const loose = openedFor === 'loose' ? [looseScope(session)] : []
  return {
    limits: limitTerms(limits),
    scopes: union(own, parent?.core.record.scopes ?? []),
    sessionScopes: union([sessionScope(session), ...loose], inherited(thread, parent)),
  }
}

/** Puts the limits of those scopes where the store reads them. Throws what a function throws that was asked for them. */
export async function declareScopes(
  context: LedgerContext,
  { scopes = [] }: RunOptions,
  { thread, scopes: names = [] }: Pick<OpenRun, 'thread' | 'scopes'>,
  openedFor: OpenedFor,
): Promise<void> {
  const code = CodeLimits.of(context)
  await code.ready(thread === null ? names : [...names, threadScope(thread)])
  if (openedFor === 'loose') await code.loose()
  if (isList(scopes)) return
  const terms = Object.entries(scopes).map(([name, limits]) => [name, termsIn(limits)] as const)
  if (terms.length > 0) await setLimits(context, 'code', new Map(terms))
}

/** What a run below does is done by the one above it too, whatever ledger or thread it names. */
function inherited(thread: string | null, parent: Enclosing | undefined): readonly string[] {
  if (parent === undefined) return []
  const { sessionScopes, thread: above = null } = parent.core
  return above === null || above === thread ? sessionScopes : [...sessionScopes, threadScope(above)]
}

function union(some: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set([...some, ...others])]
}

function isList(scopes: readonly string[] | Readonly<Record<string, OneOrMany<Limits>>>): scopes is readonly string[] {
  return Array.isArray(scopes)
}
