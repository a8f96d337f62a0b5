import { endQuietly, letGo } from './ending.ts'
import type { Run } from './run.ts'
import type { RunCore } from './run-core.ts'

/** An opened run, tied to its caller's signal. One that was aborted while it was opened is let go, and the reason thrown. */
export async function openedRun(core: RunCore, signal: AbortSignal | undefined): Promise<Run> {
  core.follow(signal)
  if (!core.isAborted) return core.run
  await endQuietly(letGo(core))
  throw core.abortReason
}
