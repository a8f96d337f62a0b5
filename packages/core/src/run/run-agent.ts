import type { LedgerContext } from '../config/ledger-context.ts'
import { enclosing, enclosingRun } from './enclosing.ts'
import { endCompleted, endFailed, endQuietly, letGo } from './ending.ts'
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
  if (same !== undefined) return same.inLane(same.root, null, async () => agent(same.run))
  const opened = await openRun(context, options, enclosing(context, options.parent))
  if (opened.kind === 'completed') return opened.output as T
  const { core } = opened
  const unlink = linkSignal(core, options.signal)
  let returned: T
  try {
    if (core.stop !== undefined) throw core.stop
    returned = await core.inLane(core.root, null, async () => agent(core.run))
  } catch (error) {
    unlink()
    throw await failed(core, error, options)
  }
  if (isStreaming(returned)) return streaming(core, returned, options, unlink)
  return returnedWell(core, returned, options).finally(unlink)
}

async function returnedWell<T>(core: RunCore, returned: T, options: RunOptions): Promise<T> {
  await core.run.waited()
  // A framework may have turned our error into a message to its model: it still stops the run.
  if (core.stop !== undefined) throw await failed(core, core.stop, options)
  await endCompleted(core, core.run.outputOr(returned))
  if (core.stop !== undefined) throw core.stop
  return returned
}

/** Ends a failed run and gives what its caller is to be thrown: what stopped it, else what the agent threw. */
async function failed(core: RunCore, thrown: unknown, options: RunOptions): Promise<unknown> {
  const error = core.stop ?? thrown
  if (options.signal?.aborted === true && core.stop === undefined) {
    await endQuietly(letGo(core))
    return error
  }
  await endQuietly(endFailed(core, error)).catch((ending: unknown) => {
    if (!core.isLost) throw ending
  })
  return core.stop ?? error
}

/** An agent that returned a stream has not ended: its run stays open until that is read, cancelled, fails or idles. */
function streaming<T>(core: RunCore, returned: T, options: RunOptions, unlink: () => void): T {
  const tapped = tapStream(returned, {
    idleMs: options.idleMs ?? RUN_DEFAULTS.idleMs,
    clock: core.context.clock,
    enter: (work) => core.inLane(core.root, null, work),
  })
  const ending = tapped.ended.then(async (end) => {
    await core.run.waited()
    if (end.kind === 'failed' || core.stop !== undefined)
      await failed(core, end.kind === 'failed' ? end.error : core.stop, options)
    else if (end.kind === 'read') await endCompleted(core, core.run.outputOr(tapped.value))
    // Nobody is left to read it, which is no failure: the same id goes on with the run.
    else await letGo(core)
  })
  const settled = endQuietly(ending)
    .catch(() => undefined)
    .finally(unlink)
  core.context.waitUntil?.(settled)
  return tapped.value
}

function linkSignal(core: RunCore, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined
  const abort = () => core.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}
