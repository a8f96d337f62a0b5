import type { LiveBody } from '../lane/live-body.ts'
import type { Claimed } from '../store/effect-verbs.ts'
import type { Certainty } from '../store/records.ts'
import { backoffDelay } from '../util/backoff.ts'
import { allowsRetry } from './allows-retry.ts'
import { recordAnswer } from './answers.ts'
import type { Ended } from './attempt.ts'
import { certaintyOf } from './certainty.ts'
import { commitFailure, commitRetry, commitUnknown } from './commit.ts'
import { goesOn, isHeldUp, pause } from './goes-on.ts'
import type { Invocation, Outcome } from './invocation.ts'
import { settleLate } from './linger.ts'
import { overGeneration } from './over-generation.ts'
import { fromRecord } from './serve.ts'
import { resolveUnknown } from './unknown.ts'

export type Failed = Exclude<Ended, { kind: 'value' }>

/** Records what a failed attempt means. A number is the attempt that follows in the same generation. */
export async function failedAttempt(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  ended: Failed,
  tries: number,
): Promise<Outcome | 'again' | number> {
  const { tool, run } = invocation
  const { error } = ended
  const own = ended.kind === 'lingers' ? 'in_doubt' : certaintyOf(error, saidBy(tool, body))
  const certainty = overGeneration(own, tool, claim, error)
  if (ended.kind === 'lingers') settleLate(invocation, body, claim, ended.late)
  if (isHeldUp(run, body, error)) return heldUp(invocation, body, claim, error, certainty)
  // What is known not to have happened starts a new generation, so its attempts are counted by this perform.
  const used = certainty === 'not_applied' ? tries : claim.attempt
  const repeats = ended.kind === 'error' && used < tool.attempts && mayRepeat(invocation, body, error, own)
  // The pause comes before anything is recorded: what stops the run meanwhile leaves no attempt behind that never starts.
  if (!repeats || !(await paused(invocation, body, used))) return final(invocation, body, claim, error, certainty)
  body.renewSignal()
  if (certainty !== 'not_applied') return commitRetry(invocation, body, claim, error, certainty)
  await commitFailure(invocation, body, claim, error, certainty, 'unanswered')
  return 'again'
}

/**
 * The body got to where a human has to decide, and no further: that is no answer, so whoever goes on with the run asks
 * again. What it did before that it would do again, so only a tool that says that this is safe goes on by itself then.
 */
async function heldUp(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  error: unknown,
  certainty: Certainty,
): Promise<Outcome> {
  if (certainty === 'not_applied') return commitFailure(invocation, body, claim, error, certainty, 'unanswered')
  return commitUnknown(invocation, body, claim, error)
}

/** What a body was stopped with says nothing of what it had done by then, whatever kind of error it is. */
function saidBy({ certainty }: Invocation['tool'], body: LiveBody): (error: unknown) => Certainty | undefined {
  return (error) => certainty?.(error) ?? (body.wasAbortedWith(error) ? 'in_doubt' : undefined)
}

function final(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  error: unknown,
  certainty: Certainty,
): Promise<Outcome | 'again'> {
  if (certainty === 'in_doubt') return unknown(invocation, body, claim, error)
  return commitFailure(invocation, body, claim, error, certainty)
}

function mayRepeat({ run, tool }: Invocation, body: LiveBody, error: unknown, certainty: Certainty): boolean {
  if (run.signal.aborted && !goesOn(run, body)) return false
  if (tool.retryWhen !== undefined) return allowsRetry(tool, error)
  return certainty !== 'not_applied' || (error as { status?: unknown } | null)?.status === 429
}

/** Waits before the next attempt; false if the run was stopped meanwhile. */
async function paused({ run, tool }: Invocation, body: LiveBody, used: number): Promise<boolean> {
  await pause(run, backoffDelay(tool.backoff, used - 1, run.context.random), body)
  return goesOn(run, body)
}

/** Records that nobody knows and follows `onUnknown`. A tool that is safe to repeat has failed for now, and may be asked again. */
async function unknown(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  error: unknown,
): Promise<Outcome | 'again'> {
  const { tool, run } = invocation
  const failure = await commitUnknown(invocation, body, claim, error)
  if (tool.onUnknown === 'retry') {
    // What came of the caller's own abort is no answer: the same id goes on with the run, and asks again.
    if (!run.gaveUp()) recordAnswer(invocation, 'failure', failure)
    return failure
  }
  const answer = await resolveUnknown(invocation, body, claim, error)
  if (answer !== 'again') return answer.kind === 'settled' ? answer.outcome : 'again'
  const generations = await run.context.store.readEffect(claim.ownerSeq, claim.key)
  const effect = generations.find(({ id }) => id === claim.id)
  const outcome = effect?.status === 'succeeded' ? (fromRecord(effect) ?? failure) : failure
  // If it is known by now not to have happened, the agent gets the error, and asking again starts a new generation.
  recordAnswer(invocation, 'generation', outcome)
  return outcome
}
