import { isDeepStrictEqual } from 'node:util'
import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { errorBody } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { CloseRun } from '../store/run-verbs.ts'
import { crashPoint } from '../util/crash-point.ts'
import { recordAfterwards } from './record-afterwards.ts'
import type { RunCore } from './run-core.ts'

type Ending = Pick<CloseRun, 'output' | 'outputKept' | 'error'>

/** Ends a run well: no more work, what is in flight is awaited, then the final status; failed if that stopped it. */
export async function endCompleted(core: RunCore, output: unknown): Promise<void> {
  await end(core, 'completed', () =>
    core.stop === undefined ? { ...outputBody(core, output), error: null } : failure(core.stop),
  )
}

export async function endFailed(core: RunCore, error: unknown): Promise<void> {
  await end(core, 'failed', () => failure(error))
}

/** Gives the run's lease back: it stays `running`, and whoever opens the id next goes on with it. */
export async function letGo(core: RunCore): Promise<void> {
  await end(core, 'released', () => NOTHING)
}

const NOTHING: Ending = { output: null, outputKept: false, error: null }

function failure(error: unknown): Ending {
  return { output: null, outputKept: false, error: errorBody(error) }
}

async function end(core: RunCore, to: 'completed' | 'failed' | 'released', ending: () => Ending): Promise<void> {
  if (core.isEnded) return
  const mayWait = to !== 'released' && !core.record.shared
  // Before anything is awaited: nothing may slip in between.
  core.close(to === 'released' ? 'closing' : to)
  try {
    if (core.inFlight > 0 && mayWait && core.mode === 'live') await close(core, 'closing', NOTHING)
    crashPoint('while-closing')
    await core.drained()
    const last = ending()
    if (core.mode === 'unprotected') return await recordAfterwards(core, last)
    await core.outages.retry()
    // A worker that leaves a shared run decides nothing for the others.
    if (!(core.record.shared && to === 'released')) await close(core, last.error === null ? to : 'failed', last)
  } finally {
    core.ended()
  }
}

async function close(core: RunCore, to: CloseRun['to'], ending: Ending): Promise<void> {
  const request: CloseRun = { run: core.ref, to, ...ending, at: core.context.clock.now() }
  try {
    const refusal = await recordEnd(core, request)
    if (refusal !== undefined) throw refusal
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    // Only a word to others: what this process still starts is refused by its own memory.
    if (to === 'closing') return
    core.outages.keepEnd(async () => void (await recordEnd(core, request)))
    throw error
  }
}

/** Answers why the end is not this owner's to record any more, if it is not. */
async function recordEnd(core: RunCore, request: CloseRun): Promise<Error | undefined> {
  if (core.isLost || core.mode === 'records') return undefined
  const answer = await core.context.store.closeRun(request)
  if (answer.kind === 'refused') return core.refusal(answer)
  if (request.to !== 'closing') core.context.events.emit('run-closed', { runId: core.id, status: answer.status })
  return undefined
}

/** An output that would come back as something else is not kept: asked again, the agent runs over the records. */
function outputBody(core: RunCore, output: unknown): { output: string | null; outputKept: boolean } {
  try {
    const body = encodeValue(output, core.context.maxValueBytes)
    if (isDeepStrictEqual(decodeValue(body), output)) return { output: body, outputKept: true }
    return notKept(core, 'it would not come back as what it is (a class instance?)')
  } catch (error) {
    if (!NotSerializableError.isInstance(error)) throw error
    return notKept(core, error.reason)
  }
}

function notKept(core: RunCore, reason: string): { output: null; outputKept: false } {
  core.context.events.emit('output-not-kept', { runId: core.id, reason })
  return { output: null, outputKept: false }
}

/** Ends a run whose own error must not be masked by a store that is out of reach. */
export async function endQuietly(ending: Promise<void>): Promise<void> {
  await ending.catch((error: unknown) => {
    if (!StoreUnavailableError.isInstance(error)) throw error
  })
}
