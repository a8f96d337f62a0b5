import type { RunScope } from '../lane/run-scope.ts'
import type { Limited, NotBounded } from '../store/limit-records.ts'
import { limitError, type RefusedWork } from './limit-error.ts'

/**
 * The error that a limit's refusal means. One that no waiting helps halts the run that owns the limit, and what is below
 * it; where the limit is shared, the run that asked. A pace halts nothing.
 */
export async function limitRefusal(run: RunScope, refusal: Limited | NotBounded, work: RefusedWork): Promise<Error> {
  const error = limitError(refusal, work, run.context.clock.now())
  if (refusal.kind === 'limited') tell(run, refusal, work)
  if (isHalting(refusal)) await run.haltOwner(refusal.runSeq, error)
  return error
}

function isHalting(refusal: Limited | NotBounded): boolean {
  return refusal.kind === 'not_bounded' || (refusal.what !== 'rate' && !refusal.waitingHelps)
}

function tell(run: RunScope, limited: Limited, { tool = null, model = null }: RefusedWork): void {
  const { scope, what, limit, spent, held, requested, waitingHelps, resetsAt } = limited
  run.context.events.emit('limit-refused', {
    ...{ runId: run.id, scope, what, limit, spent, held, requested, tool, model, waitingHelps },
    resetsAt: resetsAt === null ? null : new Date(resetsAt),
  })
}
