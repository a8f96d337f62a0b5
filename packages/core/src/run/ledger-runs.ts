import type { ExportOptions } from '../audit/export-run.ts'
import type { RunListQuery } from '../audit/list-runs.ts'
import type { RunExport } from '../audit/run-export.ts'
import type { RunView } from '../audit/run-view.ts'
import type { Compensated } from '../compensation/compensate-run.ts'

/** The runs of a ledger. */
export interface LedgerRuns {
  get(id: string): Promise<RunView | undefined>
  /** Newest first. */
  list(query?: RunListQuery): Promise<RunView[]>
  /** A run as versioned JSON. */
  export(id: string, options?: ExportOptions): Promise<RunExport>
  /** Ends a run from outside: nothing more of it starts, wherever it is executed. False if it had ended. */
  cancel(id: string, reason?: string): Promise<boolean>
  /**
   * Undoes what is left to undo of a run that has ended or waits, and says what could not be. Repeat it when what stood
   * in the way is gone. Throws `RunInProgressError` while somebody has the run, `ConfigError` for a tool that this
   * ledger was not given.
   */
  compensate(id: string): Promise<Compensated>
}
