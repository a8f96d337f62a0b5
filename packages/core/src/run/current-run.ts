import { NoRunError } from '../errors/no-run-error.ts'
import { currentFrame } from './frame.ts'
import type { Run } from './run.ts'

/** The innermost run of this async context. Throws `NoRunError` outside any. */
export function currentRun(): Run {
  const frame = currentFrame()
  if (frame === undefined) throw new NoRunError('currentRun()')
  return frame.run
}
