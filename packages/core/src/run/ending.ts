import { isDeepStrictEqual } from 'node:util'
import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { serializeError } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunStatus } from '../store/records.ts'
import type { CloseRun } from '../store/run-verbs.ts'
import { crashPoint } from '../util/crash-point.ts'
import type { RunCore } from './run-core.ts'

type Final = Pick<CloseRun, 'to' | 'output' | 'outputKept' | 'error'>

/** Ends a run well: no more work, what is in flight is awaited, then the final status. */
export async function endCompleted(core: RunCore, output: unknown): Promise<void> {
  await end(core, { to: 'completed', error: null, ...outputBody(core, output) })
}

export async function endFailed(core: RunCore, error: unknown): Promise<void> {
  await end(core, { to: 'failed', output: null, outputKept: false, error: JSON.stringify(serializeError(error)) })
}

/** Gives the run's lease back: it stays `running`, and whoever opens the id next goes on with it. */
export async function letGo(core: RunCore): Promise<void> {
  await end(core, { to: 'released', output: null, outputKept: false, error: null })
}

async function end(core: RunCore, final: Final): Promise<void> {
  if (core.isEnded) return
  const status: RunStatus = final.to === 'released' ? 'closing' : final.to === 'completed' ? 'completed' : 'failed'
  // Before anything is awaited: nothing may slip in between.
  core.close(status)
  try {
    if (core.inFlight > 0 && final.to !== 'released' && !core.record.shared)
      await close(core, { ...final, to: 'closing' })
    crashPoint('while-closing')
    await core.drained()
    await core.outages.retry()
    // A worker that leaves a shared run decides nothing for the others.
    if (!(core.record.shared && final.to === 'released')) await close(core, final)
  } finally {
    core.ended()
  }
  core.context.events.emit('run-closed', { runId: core.id, status: final.to === 'released' ? 'running' : status })
}

async function close(core: RunCore, final: Final): Promise<void> {
  if (core.isLost || core.mode === 'records') return
  const { store, clock } = core.context
  const answer = await store.closeRun({ run: core.ref, ...final, at: clock.now() })
  if (answer.kind === 'refused') throw core.refusal(answer)
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
