import { limitRefusal } from '../budget/limit-refusal.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { ClaimEffect, Claimed, EffectClaimed } from '../store/effect-verbs.ts'
import type { Store } from '../store/store.ts'
import { assertNever } from '../util/assert-never.ts'
import { crashPoint } from '../util/crash-point.ts'
import { deniedAnswer } from './approval-errors.ts'
import { mayBeAsked, questionOf } from './approval-question.ts'
import { asRecorded } from './approved-args.ts'
import { PendingDecision } from './await-decision.ts'
import type { ClaimAnswer, OpenQuestion } from './claim-answer.ts'
import { claimRequest } from './claim-request.ts'
import { conflict } from './conflict.ts'
import { type Invocation, keyText } from './invocation.ts'
import { settledAnswer } from './settled.ts'
import { leaveUnknown, resolveUnknown } from './unknown.ts'
import { Waiting } from './waiting.ts'

/** It informs the search for cycles only, and must not hide what the claim came to. */
async function endWait(store: Store, effect: number): Promise<void> {
  await store.endWait(effect).catch(() => undefined)
}

/**
 * Claims the effect, waiting for whoever is doing it, or for a human, and resolving an outcome that nobody knows.
 * `before`: the generation that this very perform executed, and which had no effect.
 */
export async function claim(
  invocation: Invocation,
  body: LiveBody,
  before: number | null = null,
): Promise<ClaimAnswer> {
  const { run, parent } = invocation
  const request = claimRequest(invocation, body, before)
  body.claimedArgs = request.args
  // The policy judges, and a human sees, what the key was made of.
  const judged = mayBeAsked(invocation) ? asRecorded(invocation, body) : invocation
  const waiting = new Waiting(invocation)
  const decision = new PendingDecision(invocation)
  try {
    for (;;) {
      const asked = questionOf(judged)
      const question = asked instanceof Promise ? await asked : asked
      // What goes on with an effect that is in flight starts nothing.
      run.assertOpen(before === null ? parent : body)
      const at = run.context.clock.now()
      const answer = await claimNow(invocation, body, { ...request, approval: question?.terms ?? null, at })
      const decided = await decide(invocation, body, answer, waiting)
      if (decided === 'again') continue
      if (decided.kind !== 'asked') return decided
      const next = await decision.next(
        decided.approval,
        at,
        question?.block ?? invocation.tool.approval?.block ?? false,
      )
      if (next !== 'again') return next
    }
  } finally {
    if (waiting.turns > 0 && parent?.effect != null) await endWait(run.context.store, parent.effect)
  }
}

function claimNow({ run }: Invocation, body: LiveBody, request: ClaimEffect): Promise<EffectClaimed> {
  const { store, clock } = run.context
  run.answers.flush()
  body.leasedSince = clock.monotonic()
  crashPoint('before-claim')
  return store.claimEffect(request)
}

async function decide(
  invocation: Invocation,
  body: LiveBody,
  answer: EffectClaimed,
  waiting: Waiting,
): Promise<ClaimAnswer | OpenQuestion | 'again'> {
  const { run } = invocation
  switch (answer.kind) {
    case 'claimed':
      if (isTooLate(invocation, answer)) throw await leaveUnknown(invocation, body, answer)
      return { kind: 'claimed', claim: answer }
    case 'settled':
      return mayBeAskedAnew(invocation, answer)
        ? resolveUnknown(invocation, body, answer.effect, undefined)
        : settledAnswer(answer, waiting.turns > 0)
    case 'busy':
      await waiting.turn(answer)
      return 'again'
    case 'unknown':
      return resolveUnknown(invocation, body, answer.effect, undefined)
    case 'conflict':
      throw await conflict(invocation, keyText(answer.effect))
    case 'awaiting_approval':
      return { kind: 'asked', approval: answer.approval }
    case 'denied':
      return deniedAnswer(answer.approval)
    case 'limited':
      throw await limitRefusal(run, answer, { tool: invocation.tool.name })
    case 'refused':
      throw run.refusal(answer)
    default:
      return assertNever(answer)
  }
}

type Settled = Extract<EffectClaimed, { kind: 'settled' }>

/**
 * A failure that is only assumed to have had no effect answers as it is, within an attempt of the run. A later attempt
 * was opened to go beyond it: there it counts as an outcome that nobody knows, and the tool's `onUnknown` decides.
 */
function mayBeAskedAnew({ run, wasClaimed }: Invocation, { effect, former }: Settled): boolean {
  const isEarlier = wasClaimed || former === true
  return run.attempt > 1 && isEarlier && effect.status === 'failed' && effect.certainty === 'assumed'
}

/**
 * A human took so long to approve another attempt that the outside may not know the downstream key any more. One within
 * the tool's own `retry` was never in such doubt.
 */
function isTooLate({ run, tool }: Invocation, { attempt, firstAt }: Claimed): boolean {
  const isTakenOver = attempt > 1 && (tool.onUnknown === 'retry' || attempt > tool.attempts)
  return isTakenOver && run.context.clock.now() - firstAt >= tool.downstreamKeyTtlMs
}
