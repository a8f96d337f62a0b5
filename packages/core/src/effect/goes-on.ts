import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { Ended } from './attempt.ts'

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

/** The body failed while its run waits for a human, because of something that it started. */
export function isHeldUp(run: RunScope, body: LiveBody, error: unknown): boolean {
  return heldUpBy(run, body, error) !== undefined
}

/** What it met then. */
export function heldUpBy(run: RunScope, body: LiveBody, error: unknown): ApprovalRequiredError | undefined {
  return run.isOpen ? undefined : (body.heldUp ?? ApprovalRequiredError.find(error))
}

/**
 * What a body came to. A framework inside it may have made a message of the error, and the body a value of that: it is
 * none that may be recorded, for then nobody would ever go on with what was approved.
 */
export function unlessHeldUp(run: RunScope, { heldUp }: LiveBody, ended: Ended): Ended {
  return ended.kind === 'value' && heldUp !== undefined && !run.isOpen ? { kind: 'error', error: heldUp } : ended
}

/** Waits that long, unless the run is stopped; what goes on in one that waits for a human has its time all the same. */
export async function pause(run: RunScope, ms: number, body: LiveBody | null, wake?: AbortSignal): Promise<void> {
  const { context, signal } = run
  if (signal.aborted && !goesOn(run, body)) return
  const signals = [...(signal.aborted ? [] : [signal]), ...(wake === undefined ? [] : [wake])]
  const stop = signals.length > 1 ? AbortSignal.any(signals) : signals[0]
  await context.clock.sleep(ms, stop).catch(() => undefined)
}
