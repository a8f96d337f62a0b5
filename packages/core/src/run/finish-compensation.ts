import type { Compensated } from '../compensation/compensate-run.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { CompensationOpened } from '../store/run-verbs.ts'
import { Run } from './run.ts'
import { closedCore, undoRun } from './undo-run.ts'

/** What became of an attempt to compensate a run from outside. */
export type CompensationOutcome =
  | ({ readonly kind: 'done' } & Compensated)
  | Extract<CompensationOpened, { kind: 'running' | 'nothing' }>

/**
 * Takes a run's compensation over, or begins it, and goes through with it. Throws `ConfigError` for a run that is not
 * there, and for a tool that this process does not know. `within`: the run that asks for one below it.
 */
export async function finishCompensation(
  context: LedgerContext,
  id: string,
  which: 'dead' | 'any',
  within: RunScope | null = null,
): Promise<CompensationOutcome> {
  const { store, clock, leaseMs } = context
  const opened = await store.openCompensation({ id, which, within: within?.ref ?? null, leaseMs, at: clock.now() })
  if (opened.kind === 'missing') throw new ConfigError(`no run has the id '${id}'; nothing was compensated.`)
  if (opened.kind !== 'compensating') return opened
  const core = closedCore(context, opened.run, opened.ref, within?.tools)
  new Run(core)
  return { kind: 'done', ...(await undoRun(core)) }
}
