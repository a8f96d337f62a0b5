import { IdempotencyConflictError } from '../errors/idempotency-conflict-error.ts'
import type { Invocation } from './invocation.ts'

/** Halts the run because the caller's key stands for other arguments already; the error is for its caller. */
export async function conflict({ run, tool }: Invocation, key: string): Promise<IdempotencyConflictError> {
  const error = new IdempotencyConflictError({ tool: tool.name, key })
  await run.halt(error)
  return error
}

/** Whether what has this invocation's key was given other arguments, and that may not be. */
export function isConflict({ keyed }: Invocation, argsHash: Buffer | null): boolean {
  if (keyed.onOtherArgs !== 'conflict' || keyed.argsHash === null || argsHash === null) return false
  return !keyed.argsHash.equals(argsHash)
}
