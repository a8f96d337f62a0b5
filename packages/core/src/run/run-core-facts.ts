import type { LedgerContext } from '../config/ledger-context.ts'
import type { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { Lane } from '../lane/lane.ts'
import type { RunMode } from '../lane/run-scope.ts'
import type { RunRecord, RunRef } from '../store/records.ts'
import type { RunCore } from './run-core.ts'

/** What a run core is made of. */
export interface RunCoreFacts {
  readonly context: LedgerContext
  readonly record: RunRecord
  readonly ref: RunRef
  readonly mode: RunMode
  readonly outage?: StoreUnavailableError
  readonly how: 'new' | 'resumed' | 'retried' | 'joined'
  readonly root: Lane
  readonly parent: RunCore | undefined
}
