import { recordedError } from '../codec/recorded-error.ts'
import { failuresOf } from '../compensation/failures-of.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { reviveError } from '../errors/revive.ts'
import { RunCanceledError } from '../errors/run-canceled-error.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import type { RunRecord } from '../store/records.ts'

const NO_ERROR: SerializedError = { name: 'Error', message: 'no error is on record', fields: {} }

/** What whoever asks again for a run that has ended badly is thrown. */
export async function storedError({ store }: LedgerContext, run: RunRecord): Promise<Error> {
  if (run.status === 'canceled') return new RunCanceledError({ runId: run.id })
  const original = run.error === null ? NO_ERROR : recordedError(run.error)
  const failures = run.status === 'compensation_failed' ? await failuresOf(store, run.seq) : []
  if (failures.length > 0) return new CompensationFailedError({ runId: run.id, failures, cause: reviveError(original) })
  return new RunFailedError({ runId: run.id, runStatus: run.status, original })
}
