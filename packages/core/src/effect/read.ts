import { limitRefusal } from '../budget/limit-refusal.ts'
import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { errorBody } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { Lane } from '../lane/lane.ts'
import { LiveBody } from '../lane/live-body.ts'
import { backoffDelay } from '../util/backoff.ts'
import { readLaneName } from '../util/effect-key-text.ts'
import { allowsRetry } from './allows-retry.ts'
import { runBody } from './attempt.ts'
import { BodyContext } from './body-context.ts'
import { isHeldUp, pause, unlessHeldUp } from './goes-on.ts'
import { type Invocation, type Outcome, waiterOf } from './invocation.ts'

/** Runs a read: every time, without a claim or a lease; what it gave is recorded for resume and replay. */
export async function performRead(invocation: Invocation): Promise<Outcome> {
  const { run, tool } = invocation
  const body = new LiveBody('', waiterOf(invocation))
  const unwatch = run.watch(body)
  try {
    const lane = await laneOfRead(invocation)
    for (let attempt = 1; ; attempt++) {
      await mayStart(invocation, attempt)
      const outcome = await readOnce(invocation, body, lane, attempt)
      if (outcome.kind === 'error' && isHeldUp(run, body, outcome.error)) return outcome
      if (outcome.kind === 'value' || attempt >= tool.attempts || !allowsRetry(tool, outcome.error)) {
        return recorded(invocation, outcome)
      }
      await pause(run, backoffDelay(tool.backoff, attempt - 1, run.context.random), body)
      run.assertOpen(body)
      body.renewSignal()
    }
  } finally {
    unwatch()
    body.settle(undefined)
  }
}

/** Nothing fences a read but this: a process that was taken over must not start even that. */
async function mayStart({ run, tool }: Invocation, attempt: number): Promise<void> {
  const { store, clock } = run.context
  try {
    // It counts once, however often it is tried.
    const start = { run: run.ref, tool: tool.name, at: clock.now() }
    const answer = await (attempt === 1 ? store.startRead(start) : store.checkRun(run.ref))
    if (answer.kind === 'limited') throw await limitRefusal(run, answer, { tool: tool.name })
    if (answer.kind === 'refused') throw run.refusal(answer)
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    if (run.context.onOutage !== 'allow') {
      await run.halt(error)
      throw error
    }
    run.unprotected({ kind: 'read', name: tool.name, failed: false }, error)
  }
}

async function readOnce(
  { run, tool, args, keyed }: Invocation,
  body: LiveBody,
  lane: Lane,
  attempt: number,
): Promise<Outcome> {
  const execution = { ownerSeq: run.ref.seq, key: keyed.keys[0], epoch: run.ref.epoch, generation: 1, attempt }
  const context = new BodyContext(run, body, execution)
  const work = () => run.inLane(lane, body, () => tool.execute?.(args, context))
  const ended = unlessHeldUp(run, body, await runBody(run, tool, body, work))
  if (ended.kind === 'value') return { kind: 'value', value: ended.value, body: null, effect: null, generation: 1 }
  return { kind: 'error', error: ended.error, effect: null, generation: 1, body: errorBody(ended.error) }
}

/** Each read runs in a lane of its own, the n-th of its lane in the same one on resume. */
function laneOfRead({ run, lane, keyed, readNumber }: Invocation): Lane | Promise<Lane> {
  const id = () => readLaneName(lane.id, keyed.keys[0], readNumber)
  return lane.wasRecorded ? run.recordedLane(id()) : run.newLane(id)
}

function recorded(invocation: Invocation, outcome: Outcome): Outcome {
  const { run, lane, tool, keyed, answersBefore } = invocation
  const { body, released } =
    outcome.kind === 'error' ? { body: outcome.body, released: outcome } : encoded(invocation, outcome)
  const failed = outcome.kind === 'error'
  if (failed && run.gaveUp()) return released
  run.answers.add({
    lane: lane.id,
    key: keyed.keys[0],
    kind: 'read',
    name: tool.name,
    effect: null,
    generation: 1,
    failed,
    body,
    beside: lane.countAnswer(answersBefore),
    recordLevel: tool.record,
  })
  return released
}

/** A value that cannot be stored is given back as it is, and read again on resume. */
function encoded(
  { run }: Invocation,
  outcome: Extract<Outcome, { kind: 'value' }>,
): { body: string | null; released: Outcome } {
  try {
    const body = encodeValue(outcome.value, run.context.maxValueBytes)
    return { body, released: { ...outcome, value: decodeValue(body), body } }
  } catch (error) {
    if (!NotSerializableError.isInstance(error)) throw error
    return { body: null, released: outcome }
  }
}
