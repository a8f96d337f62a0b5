import { isDeepStrictEqual } from 'node:util'
import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { CompensationFailedError, type CompensationFailure } from '../errors/compensation-failed-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { errorBody, serializeError } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunRef } from '../store/records.ts'
import type { CloseRun, RunClosed } from '../store/run-verbs.ts'
import { crashPoint } from '../util/crash-point.ts'
import { endFor } from './endings.ts'
import { recordAfterwards } from './record-afterwards.ts'
import type { RunCore } from './run-core.ts'
import { closedCore, undoRun } from './undo-run.ts'

/**
 * Ends a run well: no more work, what is in flight is awaited, then the final status. If something stopped it meanwhile
 * it ends as that says, and what its caller is to be thrown is answered.
 */
export async function endCompleted(core: RunCore, output: unknown): Promise<Error | undefined> {
  return end(core, 'completed', () => {
    const { stop } = core
    if (stop !== undefined) return failure(core, stop, endFor(core.endings, stop))
    return { to: 'completed', ...outputBody(core, output), error: null, thrown: undefined }
  })
}

/** Ends a run badly, and undoes what it did unless that is to stay, which `then` may say. Answers what its caller is to be thrown instead of `error`. */
export async function endFailed(
  core: RunCore,
  error: unknown,
  then?: 'compensate' | 'keep',
): Promise<Error | undefined> {
  return end(core, 'failed', () => {
    const reason = core.stop ?? error
    return failure(core, reason, then ?? endFor(core.endings, reason))
  })
}

/** Ends a run that its caller aborted: undone, or let go, so that whoever opens the id next goes on with it. */
export async function endAborted(core: RunCore, error: unknown): Promise<Error | undefined> {
  if (core.endings.onAbort === 'keep') return letGo(core)
  // Whose abort it was decides whether it may begin again: a parent that goes on after its own has not given it up.
  const aborted = core.parent?.isAborted === true
  return end(core, 'failed', () => ({ ...failure(core, core.stop ?? error, 'compensate'), aborted }))
}

/** Gives the run's lease back: it stays `running`, and whoever opens the id next goes on with it. */
export async function letGo(core: RunCore): Promise<undefined> {
  await end(core, 'released', () => ({ to: 'released', ...NOTHING, thrown: undefined }))
}

type EndFacts = Pick<CloseRun, 'to' | 'output' | 'outputKept' | 'error' | 'aborted'>
/** What is recorded of an end. `thrown`: why the run did not end as its caller thinks, whatever was thrown. */
type Ending = EndFacts & { readonly thrown: unknown }
type Recorded = Extract<RunClosed, { kind: 'closed' }>

const NOTHING = { output: null, outputKept: false, error: null } as const

/** A run that waits for a human has not failed. What several workers share is undone by nobody's failure alone. */
function failure(core: RunCore, error: unknown, onError: 'compensate' | 'keep'): Ending {
  const thrown = error
  // One that several workers share goes on for the others.
  if (ApprovalRequiredError.isInstance(error))
    return { to: core.record.shared ? 'released' : 'waiting', ...NOTHING, thrown }
  const to = onError === 'compensate' && !core.record.shared ? 'compensating' : 'failed'
  return { to, output: null, outputKept: false, error: errorBody(error), thrown }
}

async function end(
  core: RunCore,
  to: 'completed' | 'failed' | 'released',
  ending: () => Ending,
): Promise<Error | undefined> {
  if (core.isEnded) return undefined
  // Before anything is awaited: nothing may slip in between.
  core.close(to === 'released' ? 'closing' : to)
  const { recorded, thrown } = await endings(core, to, ending).finally(() => core.ended())
  if (recorded?.status !== 'compensating') return thrown instanceof Error ? thrown : undefined
  crashPoint('after-failure')
  return undo(core, recorded.ref, thrown)
}

async function endings(
  core: RunCore,
  to: 'completed' | 'failed' | 'released',
  ending: () => Ending,
): Promise<{ readonly recorded: Recorded | undefined; readonly thrown: unknown }> {
  const mayWait = to !== 'released' && !core.record.shared && core.mode === 'live'
  // What is in flight in a run that waits for a human may still start what it needs to end well.
  if (core.inFlight > 0 && mayWait && !core.isParked) await close(core, { to: 'closing', ...NOTHING })
  crashPoint('while-closing')
  await core.drained()
  const last = ending()
  const { thrown } = last
  if (core.mode === 'unprotected') {
    await recordAfterwards(core, last)
    return { recorded: undefined, thrown }
  }
  await core.outages.retry()
  // A worker that leaves a shared run decides nothing for the others.
  if (core.record.shared && last.to === 'released') return { recorded: undefined, thrown }
  return { recorded: await close(core, last), thrown }
}

/** What the caller is thrown after a compensation: the run's own error, unless not everything could be undone. */
async function undo(core: RunCore, ref: RunRef, thrown: unknown): Promise<Error | undefined> {
  const failures = await failuresOfUndo(core, ref)
  if (failures.length === 0) return thrown instanceof Error ? thrown : undefined
  return new CompensationFailedError({ runId: core.id, failures, cause: thrown })
}

async function failuresOfUndo(core: RunCore, ref: RunRef): Promise<readonly CompensationFailure[]> {
  try {
    const successor = closedCore(core.context, core.record, ref, core.tools)
    successor.bind(core.run)
    core.undone = await undoRun(successor)
    return core.undone.failures
  } catch (error) {
    // Somebody else goes on with it, or somebody who has the tool will: the run's own error must not be masked.
    return [{ key: '', tool: 'compensation', error: serializeError(error) }]
  }
}

async function close(core: RunCore, facts: EndFacts): Promise<Recorded | undefined> {
  const { to, output, outputKept, error, aborted = false } = facts
  const request: CloseRun = { run: core.ref, to, output, outputKept, error, aborted, at: core.context.clock.now() }
  try {
    return await recordEnd(core, request)
  } catch (failed) {
    if (!StoreUnavailableError.isInstance(failed)) throw failed
    // Only a word to others: what this process still starts is refused by its own memory.
    if (to === 'closing') return undefined
    core.outages.keepEnd(() => endLater(core, request))
    throw failed
  }
}

/** The store is back: the end is recorded, and what it asks for is done. */
async function endLater(core: RunCore, request: CloseRun): Promise<void> {
  const recorded = await recordEnd(core, request)
  if (recorded?.status === 'compensating') await failuresOfUndo(core, recorded.ref)
}

/** Undefined if there is nothing to record; throws why the end is not this owner's to record any more. */
async function recordEnd(core: RunCore, request: CloseRun): Promise<Recorded | undefined> {
  if (core.isLost || core.mode === 'records') return undefined
  const answer = await core.context.store.closeRun(request)
  if (answer.kind === 'refused') throw core.refusal(answer)
  const { events } = core.context
  if (answer.status === 'waiting') events.emit('run-waiting', { runId: core.id })
  else if (request.to !== 'closing') events.emit('run-closed', { runId: core.id, status: answer.status })
  return answer
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
export async function endQuietly(ending: Promise<Error | undefined>): Promise<Error | undefined> {
  return ending.catch((error: unknown) => {
    if (!StoreUnavailableError.isInstance(error)) throw error
    return undefined
  })
}
