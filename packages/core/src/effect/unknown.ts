import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { LiveBody } from '../lane/live-body.ts'
import type { Claimed, CommitEffect, EffectResolved, Resolution, ResolveEffect } from '../store/effect-verbs.ts'
import type { ApprovalRecord } from '../store/records.ts'
import type { Reconciliation } from '../tool/tool-definition.ts'
import { crashPoint } from '../util/crash-point.ts'
import { downstreamKey } from '../util/effect-key-text.ts'
import { deniedAnswer, deniedError } from './approval-errors.ts'
import { questionOf } from './approval-question.ts'
import { asExecuted } from './approved-args.ts'
import { runBody } from './attempt.ts'
import { BodyContext } from './body-context.ts'
import type { ClaimAnswer, OpenQuestion } from './claim-answer.ts'
import { commitUnknown, userCommitOf } from './commit.ts'
import { eventOf, type Invocation, keyText, shownErrorOf, type ToolCall } from './invocation.ts'
import { successOf } from './success.ts'

/** An effect whose outcome nobody knows. */
export type UnknownEffect = Omit<Claimed, 'kind' | 'plain'>

/**
 * Follows the tool's `onUnknown` for an effect whose outcome nobody knows: runs it again, asks, or stops the run.
 * `cause` is what the body threw, if it was this process that saw it.
 */
export async function resolveUnknown(
  invocation: Invocation,
  body: LiveBody,
  effect: UnknownEffect,
  cause: unknown,
): Promise<ClaimAnswer | OpenQuestion | 'again'> {
  const { tool, run } = invocation
  let reason = cause
  tellUnknown(invocation, effect, cause)
  // Nothing but rows in the commit's own transaction: they are not there, so it did not happen.
  if (tool.execute === undefined) return resolved(invocation, effect, { kind: 'not_applied' }, 'policy', null)
  if (tool.onUnknown === 'retry' && run.context.clock.now() - effect.firstAt < tool.downstreamKeyTtlMs) {
    const question = await questionOf(invocation)
    const approval = question?.terms ?? null
    const takeover: Resolution = { kind: 'takeover', run: run.ref, leaseMs: tool.leaseMs, approval }
    return resolved(invocation, effect, takeover, 'policy', null)
  }
  if (typeof tool.onUnknown === 'function') {
    const known = whileAlive(body, await askAsExecuted(invocation, body, effect))
    const { resolution, userCommit } = known
    try {
      if (resolution.kind !== 'unknown') return await resolved(invocation, effect, resolution, 'reconcile', userCommit)
      await resolve(invocation, effect, resolution, 'reconcile', null)
      reason = known.cause ?? cause
    } catch (error) {
      // The tool's own rows were refused, so the effect cannot be settled with them: it stays unknown.
      if (userCommit === null || HoldfastError.isInstance(error)) throw error
      reason = error
    }
  }
  throw await halted(invocation, effect, reason)
}

/** A claim that is not to be executed after all: whether an earlier attempt happened, nobody knows. */
export async function leaveUnknown(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
): Promise<EffectUnknownError> {
  await commitUnknown(invocation, body, claim, unknownError(invocation, claim, undefined))
  tellUnknown(invocation, claim, undefined)
  return halted(invocation, claim, undefined)
}

async function halted(invocation: Invocation, effect: UnknownEffect, reason: unknown): Promise<EffectUnknownError> {
  const error = unknownError(invocation, effect, reason)
  await invocation.run.halt(error)
  return error
}

function tellUnknown(invocation: Invocation, effect: UnknownEffect, cause: unknown): void {
  const { events } = invocation.run.context
  if (!events.hasListeners('effect-unknown')) return
  events.emit('effect-unknown', { ...eventOf(invocation, effect), error: shownErrorOf(invocation, cause) })
}

function unknownError({ tool, run }: Invocation, effect: UnknownEffect, cause: unknown): EffectUnknownError {
  const idempotencyKey = downstreamKey(effect.key, effect.generation)
  const facts = { tool: tool.name, key: keyText(effect), idempotencyKey, runId: run.id }
  return new EffectUnknownError(cause === undefined ? facts : { ...facts, cause })
}

/** What the tool's hook said. */
export interface Asked {
  readonly resolution: Exclude<Resolution, { kind: 'takeover' }>
  readonly userCommit: CommitEffect['userCommit']
  /** Why nobody knows yet, if the hook failed. */
  readonly cause: unknown
}

/** The hook is asked about what was executed: other arguments than the caller's, if an approval edited them. */
async function askAsExecuted(invocation: Invocation, body: LiveBody, effect: UnknownEffect): Promise<Asked> {
  try {
    return await reconcile(await asExecuted(invocation, body, effect), bodyToAsk(body), effect)
  } catch (error) {
    // The schema that the edited arguments fitted is another one by now.
    if (!InvalidArgumentsError.isInstance(error)) throw error
    return nobodyKnows(error)
  }
}

/** Asks the tool's hook. What it throws, or answers beside the point, means that nobody knows yet. */
export async function reconcile(invocation: ToolCall, asked: LiveBody, effect: UnknownEffect): Promise<Asked> {
  const { tool, args, run, lane } = invocation
  crashPoint('before-reconcile')
  const hook = tool.onUnknown as (args: unknown, context: BodyContext) => unknown
  const context = new BodyContext(run, asked, effect)
  const work = () => run.inLane(lane, asked, () => hook(args, context))
  const ended = await runBody(run, tool, asked, work)
  crashPoint('after-reconcile-hook')
  if (ended.kind !== 'value') return nobodyKnows(ended.error)
  const answer = ended.value as Reconciliation<unknown> | null | undefined
  switch (answer?.kind) {
    case 'applied': {
      const { kind: _, ...success } = successOf(invocation, answer.result).outcome
      return {
        resolution: { kind: 'applied', ...success },
        userCommit: userCommitOf(invocation, answer.result),
        cause: undefined,
      }
    }
    case 'not_applied':
      return { resolution: { kind: 'not_applied' }, userCommit: null, cause: undefined }
    case 'unknown':
      return nobodyKnows(undefined)
    default:
      return nobodyKnows(
        new ConfigError(`the reconcile hook of '${tool.name}' answered none of applied, not_applied and unknown.`),
      )
  }
}

/** That it has not happened yet says nothing as long as its body lives. */
function whileAlive(body: LiveBody, asked: Asked): Asked {
  return body.lingering !== undefined && asked.resolution.kind === 'not_applied' ? nobodyKnows(undefined) : asked
}

function nobodyKnows(cause: unknown): Asked {
  return { resolution: { kind: 'unknown' }, userCommit: null, cause }
}

/** A signal that is not the one that the body was stopped with: the hook needs it to ask. */
function bodyToAsk(body: LiveBody): LiveBody {
  if (body.lingering !== undefined) return new LiveBody('', body.parent)
  body.renewSignal()
  return body
}

/** Whoever resolves first wins; the others go on from what it has become. */
async function resolved(
  invocation: Invocation,
  effect: UnknownEffect,
  resolution: Resolution,
  by: ResolveEffect['by'],
  userCommit: CommitEffect['userCommit'],
): Promise<ClaimAnswer | OpenQuestion | 'again'> {
  const answer = await resolve(invocation, effect, resolution, by, userCommit)
  if (answer.kind === 'refused') throw invocation.run.refusal(answer)
  crashPoint('after-resolve')
  if (answer.kind === 'awaiting_approval') return { kind: 'asked', approval: answer.approval }
  // That nobody may run it again says nothing of the attempt that may have happened.
  if (answer.kind === 'denied') return stillInDoubt(invocation, effect, answer.approval)
  if (answer.kind !== 'claimed') return 'again'
  crashPoint('after-takeover')
  return { kind: 'claimed', claim: answer }
}

async function stillInDoubt(
  invocation: Invocation,
  effect: UnknownEffect,
  approval: ApprovalRecord,
): Promise<ClaimAnswer> {
  if (approval.effect.status !== 'unknown') return deniedAnswer(approval)
  throw await halted(invocation, effect, deniedError(approval))
}

function resolve(
  { run }: Invocation,
  effect: UnknownEffect,
  resolution: Resolution,
  by: ResolveEffect['by'],
  userCommit: CommitEffect['userCommit'],
): Promise<EffectResolved> {
  const { store, clock } = run.context
  const { id, epoch } = effect
  return store.resolveEffect({ id, epoch, resolution, by, note: null, userCommit, at: clock.now() })
}
