import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import { recordAnswer } from './answers.ts'
import { type Invocation, keyText, type Outcome } from './invocation.ts'

/**
 * Shares the outcome of the same effect that runs in this process. Undefined: its caller gave up before anything was
 * decided (its own run was stopped), so the joiner must ask for itself.
 */
export async function join(invocation: Invocation, body: LiveBody): Promise<Outcome | undefined> {
  const { run, parent, tool } = invocation
  if (parent?.wouldDeadlock(body) === true) {
    const key = keyText({ ownerSeq: run.ref.seq, key: invocation.keyed.keys[0] })
    throw new EffectInProgressError({ tool: tool.name, key, cycle: true })
  }
  const outcome = (await (parent === null ? body.outcome : parent.waitFor(body))) as Outcome
  if (outcome.kind === 'error' && outcome.effect === null) {
    run.assertOpen()
    // The body itself may still be alive; then nobody may start another, and its error is the answer.
    return run.bodies.get(body.key) === body ? outcome : undefined
  }
  recordAnswer(invocation, 'join', outcome)
  return ownCopy(outcome)
}

/** What one caller does to the value that it got must not reach the others. What is on no record may not be copyable. */
function ownCopy(outcome: Outcome): Outcome {
  if (outcome.kind === 'error' || outcome.effect === null) return outcome
  if (typeof outcome.value !== 'object' || outcome.value === null) return outcome
  return { ...outcome, value: decodeValue(encodeValue(outcome.value)) }
}
