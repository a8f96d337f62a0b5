import type { Compensated } from '../compensation/compensate-run.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { RunInProgressError } from '../errors/run-in-progress-error.ts'
import { closeAbandoned } from './close-abandoned.ts'
import { type CompensationOutcome, finishCompensation } from './finish-compensation.ts'

/**
 * `ledger.runs.compensate`: undoes what is left to undo of a run that has ended, that waits, or that its process left.
 * Throws `RunInProgressError` while somebody executes or compensates it, or the run above it; `ConfigError` for a tool
 * that this process does not know.
 */
export async function compensateByHand(context: LedgerContext, id: string): Promise<Compensated> {
  const outcome = await finishCompensation(context, id, 'any')
  if (outcome.kind === 'done') return outcome
  if (outcome.kind === 'nothing') return { status: outcome.run.status, compensated: 0, failures: [] }
  if (!isLeft(outcome, id)) throw inProgress(context, outcome)
  const { undone, error } = await closeAbandoned(context, outcome.run, 'compensate')
  if (error !== undefined) throw error
  return undone ?? { status: (await context.store.readRun(id))?.status ?? 'failed', compensated: 0, failures: [] }
}

type Running = Extract<CompensationOutcome, { kind: 'running' }>

/** It is the run itself that is in the way, and nobody has it any more. */
function isLeft({ run }: Running, id: string): boolean {
  return run.dead && run.id === id && run.parentSeq === null && run.status !== 'compensating'
}

function inProgress({ clock }: LedgerContext, { run, lease }: Running): RunInProgressError {
  if (!Number.isFinite(lease.remainingMs)) return new RunInProgressError({ runId: run.id })
  return new RunInProgressError({ runId: run.id, leaseUntil: clock.now() + lease.remainingMs })
}
