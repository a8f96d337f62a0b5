import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'

/** Whether what is in flight may go on, which it also may in a run that starts nothing more because it waits for a human. */
export function goesOn(run: RunScope, body: LiveBody | null): boolean {
  if (run.isOpen) return true
  try {
    run.assertOpen(body)
    return true
  } catch {
    return false
  }
}

/** What a body threw is that its run waits for a human, because of something that it started. */
export function isHeldUp(run: RunScope, error: unknown): boolean {
  return !run.isOpen && ApprovalRequiredError.find(error) !== undefined
}

/** Waits that long, unless the run is stopped; what goes on in one that waits for a human has its time all the same. */
export async function pause(run: RunScope, ms: number, body: LiveBody | null, wake?: AbortSignal): Promise<void> {
  const { context, signal } = run
  if (signal.aborted && !goesOn(run, body)) return
  const signals = [...(signal.aborted ? [] : [signal]), ...(wake === undefined ? [] : [wake])]
  const stop = signals.length > 1 ? AbortSignal.any(signals) : signals[0]
  await context.clock.sleep(ms, stop).catch(() => undefined)
}
