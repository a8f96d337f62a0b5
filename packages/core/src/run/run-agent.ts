import type { LedgerContext } from '../config/ledger-context.ts'
import { enclosing, enclosingBody, enclosingRun } from './enclosing.ts'
import { endAborted, endCompleted, endFailed, endQuietly, letGo } from './ending.ts'
import { openRun } from './open-run.ts'
import type { Run } from './run.ts'
import type { RunCore } from './run-core.ts'
import { RUN_DEFAULTS, type RunOptions } from './run-options.ts'
import { isStreaming, tapStream } from './stream-tap.ts'

export type Agent<T> = (run: Run) => T | Promise<T>

/** Runs an agent as a run: resumed, answered from the record, or executed; rethrows what stopped it, unwrapped. */
export async function runAgent<T>(context: LedgerContext, options: RunOptions, agent: Agent<T>): Promise<T> {
  const same = enclosingRun(context, options.id)
  // The same id inside itself is the same run.
  if (same !== undefined) return same.inLane(same.root, enclosingBody(), async () => agent(same.run))
  const opened = await openRun(context, options, enclosing(context, options.parent))
  if (opened.kind === 'completed') return opened.output as T
  const { core } = opened
  core.follow(options.signal)
  let returned: T
  try {
    // Halted before, or aborted while it was opened.
    core.assertOpen()
    returned = await core.inLane(core.root, null, async () => agent(core.run))
    if (isStreaming(returned)) return streaming(core, returned, options)
  } catch (error) {
    throw await failed(core, error)
  }
  return returnedWell(core, returned)
}

async function returnedWell<T>(core: RunCore, returned: T): Promise<T> {
  await core.run.waited()
  // A framework may have turned our error into a message to its model: it still stops the run.
  if (core.obstacle !== undefined) throw await failed(core, core.obstacle.reason)
  const problem = await endCompleted(core, core.run.outputOr(returned))
  if (problem !== undefined) throw problem
  return returned
}

/**
 * Ends a failed run and gives what its caller is to be thrown: what stopped it, else what the agent threw; what could
 * not be compensated comes with that as its cause.
 */
async function failed(core: RunCore, thrown: unknown): Promise<unknown> {
  const error = core.stop ?? thrown
  const ending = core.isAborted ? endAborted(core, error) : endFailed(core, error)
  const instead = await endQuietly(ending).catch((problem: unknown) => {
    if (!core.isLost) throw problem
    return undefined
  })
  return instead ?? core.stop ?? error
}

/** An agent that returned a stream has not ended: its run stays open until that is read, cancelled, fails or idles. */
function streaming<T>(core: RunCore, returned: T, options: RunOptions): T {
  if (core.obstacle !== undefined) throw core.obstacle.reason
  const tapped = tapStream(returned, {
    idleMs: options.idleMs ?? RUN_DEFAULTS.idleMs,
    clock: core.context.clock,
    enter: (work) => core.inLane(core.root, null, work),
    obstacle: () => core.obstacle,
  })
  const ending = tapped.ended.then(async (end): Promise<undefined> => {
    await core.run.waited()
    if (end.kind === 'failed') await failed(core, end.error)
    else if (core.obstacle !== undefined) await failed(core, core.obstacle.reason)
    else if (end.kind === 'read') await endCompleted(core, core.run.outputOr(tapped.value))
    // Nobody is left to read it, which is no failure: the same id goes on with the run.
    else await letGo(core)
  })
  const settled = endQuietly(ending).catch(() => undefined)
  core.context.waitUntil?.(settled)
  return tapped.value
}
