import type { LedgerContext } from '../config/ledger-context.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { RunRecord } from '../store/records.ts'
import { Run } from './run.ts'
import { closedCore } from './undo-run.ts'

/** A run as a tool's hook sees it that is asked from outside: it can start nothing in it. */
export function detachedScope(context: LedgerContext, record: RunRecord): RunScope {
  const { seq, epoch, rootSeq } = record
  const core = closedCore(context, record, { seq, epoch, rootSeq, ancestors: [] })
  new Run(core)
  return core
}
