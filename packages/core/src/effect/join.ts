import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import { LEDGER_DEFAULTS } from '../config/ledger-options.ts'
import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import { recordAnswer } from './answers.ts'
import { conflict, isConflict } from './conflict.ts'
import { heldUpBy } from './goes-on.ts'
import { type Invocation, keyText, type Outcome, waiterOf, waitOptions } from './invocation.ts'

/**
 * Shares the outcome of the same effect that runs in this process. Undefined: its caller gave up before anything was
 * decided (its own run was stopped), so the joiner must ask for itself.
 */
export async function join(invocation: Invocation, body: LiveBody): Promise<Outcome | undefined> {
  const { run } = invocation
  const waiter = waiterOf(invocation)
  if (waiter?.wouldDeadlock(body) === true) throw inProgress(invocation, true)
  if (isConflict(invocation, body.argsHash)) throw await conflict(invocation, keyOf(invocation))
  const ended = inTime(invocation, body)
  const outcome = await (waiter === null ? ended : waiter.waitFor(body, ended))
  if (outcome === undefined) throw inProgress(invocation, false)
  if (outcome.kind === 'error' && outcome.effect === null) {
    run.assertOpen(invocation.parent)
    // The body itself may still be alive; then nobody may start another, and its error is the answer.
    return run.bodies.get(body.key) === body ? { ...outcome, joined: true } : undefined
  }
  const question = outcome.kind === 'error' ? heldUpBy(run, body, outcome.error) : undefined
  // What was held up is no answer for whoever joined it either: both ask again when the run goes on.
  if (question === undefined) recordAnswer(invocation, 'join', outcome)
  else waiter?.holdUp(question)
  return { ...ownCopy(outcome), joined: true }
}

/** Undefined if the body did not end while this caller was ready to wait. */
async function inTime(invocation: Invocation, body: LiveBody): Promise<Outcome | undefined> {
  const { timeoutMs, onBusy } = waitOptions(invocation)
  if (onBusy === 'throw') return undefined
  const outcome = body.outcome as Promise<Outcome>
  // A body of this process ends in its tool's own time; only one that is claimed by hand may never.
  const isUnsaid = timeoutMs === LEDGER_DEFAULTS.wait.timeoutMs && !body.isByHand
  if (isUnsaid || !Number.isFinite(timeoutMs)) return outcome
  const over = new AbortController()
  const late = invocation.run.context.clock.sleep(timeoutMs, over.signal).catch(() => undefined)
  return Promise.race([outcome, late.then(() => undefined)]).finally(() => over.abort())
}

function inProgress(invocation: Invocation, cycle: boolean): EffectInProgressError {
  return new EffectInProgressError({ tool: invocation.tool.name, key: keyOf(invocation), cycle })
}

function keyOf({ run, keyed }: Invocation): string {
  return keyText({ ownerSeq: run.ref.seq, key: keyed.keys[0] })
}

/** What one caller does to the value that it got must not reach the others. What is on no record may not be copyable. */
function ownCopy(outcome: Outcome): Outcome {
  if (outcome.kind === 'error' || outcome.effect === null) return outcome
  if (typeof outcome.value !== 'object' || outcome.value === null) return outcome
  return { ...outcome, value: decodeValue(encodeValue(outcome.value)) }
}
