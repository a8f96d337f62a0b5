import type { ExportedEffect, ExportedError, RunExport, StoredValue } from '../audit/run-export.ts'
import type { EffectStatus, RunStatus } from '../store/records.ts'

type SagaStatus = 'RUNNING' | 'SUCCESS' | 'COMPENSATED' | 'COMPENSATION_FAILED' | 'FAILED'
type SagaStepStatus = 'PENDING' | 'SUCCESS' | 'FAILED' | 'COMPENSATED' | 'COMPENSATION_FAILED'

/** A run in the words of saga-agent's audit log. Times are ISO 8601 in UTC; what is not there is null. */
export interface SagaAudit {
  readonly saga_id: string
  readonly status: SagaStatus
  readonly steps: readonly SagaAuditStep[]
  readonly created_at: string
  readonly finished_at: string | null
}

export interface SagaAuditStep {
  readonly tool_name: string
  readonly args: StoredValue
  readonly status: SagaStepStatus
  readonly result: StoredValue
  readonly error: string | null
  readonly compensation_error: string | null
  readonly executed_at: string
  readonly compensated_at: string | null
}

const RUN_STATUS: Readonly<Record<RunStatus, SagaStatus>> = {
  running: 'RUNNING',
  closing: 'RUNNING',
  waiting: 'RUNNING',
  compensating: 'RUNNING',
  completed: 'SUCCESS',
  failed: 'FAILED',
  canceled: 'FAILED',
  compensated: 'COMPENSATED',
  compensation_failed: 'COMPENSATION_FAILED',
}

const STEP_STATUS: Readonly<Record<EffectStatus, SagaStepStatus>> = {
  processing: 'PENDING',
  requires_approval: 'PENDING',
  ready: 'PENDING',
  succeeded: 'SUCCESS',
  // Until its compensation has an outcome, it is what it was.
  compensating: 'SUCCESS',
  failed: 'FAILED',
  unknown: 'FAILED',
  denied: 'FAILED',
  canceled: 'FAILED',
  compensated: 'COMPENSATED',
  compensation_failed: 'COMPENSATION_FAILED',
}

/**
 * An exported run with the exact keys of saga-agent's audit log: `toSagaAudit(await ledger.runs.export(id))`. With
 * `children: true` in the export, the steps of the runs below it are among its own, in the order in which they began.
 */
export function toSagaAudit(exported: RunExport): SagaAudit {
  const { id, status, createdAt, endedAt } = exported.run
  return {
    saga_id: id,
    status: RUN_STATUS[status],
    steps: newestGenerations(effectsOf(exported)).map(auditStep),
    created_at: createdAt,
    finished_at: endedAt,
  }
}

function effectsOf({ effects, childExports = [] }: RunExport): readonly ExportedEffect[] {
  return [...effects, ...childExports.flatMap(effectsOf)].toSorted((one, other) => one.id - other.id)
}

/** A life that had no effect, or that was undone before the next began, is no step of its own. */
function newestGenerations(effects: readonly ExportedEffect[]): readonly ExportedEffect[] {
  const newest = new Map(effects.map((effect) => [effect.key, effect.id]))
  return effects.filter(({ key, id }) => newest.get(key) === id)
}

function auditStep({ tool, args, status, result, error, compensation, startedAt }: ExportedEffect): SagaAuditStep {
  return {
    tool_name: tool,
    args,
    status: STEP_STATUS[status],
    result: result ?? null,
    error: messageOf(error),
    compensation_error: messageOf(compensation?.error),
    executed_at: startedAt,
    compensated_at: status === 'compensated' ? (compensation?.endedAt ?? null) : null,
  }
}

function messageOf(error: ExportedError | undefined): string | null {
  return error?.message ?? null
}
