import { readUsage, type Usage } from '../budget/usage-view.ts'
import { LEDGER_SCOPE, runScope, threadScope } from '../config/scope-names.ts'
import type { RunCore } from './run-core.ts'

/** What a run has used, with the limits of all scopes that it counts on. */
export function usageOfRun(run: RunCore): Promise<Usage> {
  const { scopes } = run.record
  const thread = run.thread === undefined ? [] : [threadScope(run.thread)]
  const others = [...ancestorsOf(run), ...scopes, ...thread, ...run.sessionScopes, LEDGER_SCOPE]
  return readUsage(run.context, runScope(run.id), others)
}

function ancestorsOf({ parent }: RunCore): readonly string[] {
  return parent === undefined ? [] : [runScope(parent.id), ...ancestorsOf(parent)]
}
