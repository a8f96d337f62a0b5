import { encodeValue } from '../codec/value-codec.ts'
import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { serializeError } from '../errors/serialize.ts'
import type { RecordedAnswer } from '../lane/lane-record.ts'
import type { StartedCall, WatchedCall } from '../lane/loop-watch.ts'
import type { RunScope } from '../lane/run-scope.ts'
import { stoppedByOutage } from '../lane/stopped-by-outage.ts'
import { strandOf } from '../lane/strand-of.ts'
import { argumentText } from '../util/argument-text.ts'
import { maskFailure } from '../util/failure-text.ts'
import type { Invocation, Outcome } from './invocation.ts'

/** The call as the loop guard sees it. */
export function watch(
  { run, lane, parent, tool }: Pick<Invocation, 'run' | 'lane' | 'parent' | 'tool'>,
  call: Pick<StartedCall, 'args' | 'raw' | 'since' | 'attempt'>,
): WatchedCall | undefined {
  return run.loops?.watch({ ...call, lane: strandOf(lane, parent), tool: tool.name, secret: tool.record !== 'full' })
}

/** Halts the run because of the loop that a call would carry on; the error is for its caller. */
export async function haltedBy(loop: Error, run: RunScope): Promise<Error> {
  await run.halt(loop)
  return loop
}

/** What an agent is to be thrown that asked for what cannot be done as it was asked: that is an answer too. */
export async function refusedWith(
  place: Pick<Invocation, 'run' | 'lane' | 'parent' | 'tool'>,
  input: unknown,
  error: unknown,
  began: Pick<StartedCall, 'since' | 'attempt'>,
): Promise<unknown> {
  const args = argumentText(input)
  const watched = args === undefined ? undefined : watch(place, { args, ...began })
  const loop = watched?.loop()
  if (loop !== undefined) return haltedBy(loop, place.run)
  watched?.answered(failureText(error))
  return error
}

/** What the agent gets to see. Whoever joins others does so at the same time, not again. */
export function tellAnswer({ watched }: Pick<Invocation, 'watched'>, outcome: Outcome): void {
  if (watched !== undefined && outcome.joined === undefined) watched.answered(textOf(outcome, 'live'))
}

/** The same where there is no outcome: it waits for another, or for its turn. What stops the run needs no guard. */
export function tellThrown({ run, watched }: Pick<Invocation, 'run' | 'watched'>, error: unknown): void {
  // Whoever asks again until another is done has been told to.
  if (run.isOpen && !EffectInProgressError.isInstance(error)) watched?.answered(failureText(error))
}

/** The same of what an earlier execution was given here, with about when that was if it matters. */
export async function tellServed(
  { run, watched }: Invocation,
  recorded: RecordedAnswer,
  outcome: Outcome,
): Promise<void> {
  if (watched === undefined || (recorded.kind === 'answer' && recorded.answer.kind === 'join')) return
  const { attempt, span } = recorded
  const at = run.loops?.isTimed === true ? await stoppedByOutage(run, answeredAt(run, recorded)) : 0
  watched.served(textOf(outcome, recorded.kind), { at, attempt, span })
}

/** When the entry before it was written: no answer has a time of its own. */
async function answeredAt({ id, context }: RunScope, recorded: RecordedAnswer): Promise<number> {
  const number = recorded.kind === 'answer' ? recorded.answer.at : recorded.effect.at
  const [entry] = await context.store.listEntries(id, number - 1, 1)
  return entry?.at ?? 0
}

/** Equal for equal answers, live and served; undefined for what nobody can compare. */
function textOf(outcome: Outcome, from: 'live' | RecordedAnswer['kind']): string | undefined {
  if (outcome.kind === 'value') return outcome.body === null ? comparedText(outcome.value) : `v${outcome.body}`
  return wasAnotherValue(outcome.error, from) ? undefined : failureText(outcome.error)
}

/** The effect was executed, and only its result could not be stored. */
function wasAnotherValue(error: unknown, from: 'live' | RecordedAnswer['kind']): boolean {
  return NotSerializableError.isInstance(error) && (from === 'effect' || Object.hasOwn(error, 'value'))
}

/** A value as far as it makes another answer of it; undefined if no store could keep it. */
export function comparedText(value: unknown): string | undefined {
  try {
    return `v${encodeValue(value)}`
  } catch {
    return undefined
  }
}

/** An error as far as it makes another answer of it: one that names its time or request is no other. */
export function failureText(error: unknown): string {
  const { name, message } = serializeError(error)
  return `e${name}: ${maskFailure(message)}`
}
