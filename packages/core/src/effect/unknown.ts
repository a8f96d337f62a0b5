import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { LiveBody } from '../lane/live-body.ts'
import type {
  Claimed,
  CommitEffect,
  EffectOutcome,
  EffectResolved,
  Resolution,
  ResolveEffect,
} from '../store/effect-verbs.ts'
import type { Reconciliation } from '../tool/tool-definition.ts'
import { crashPoint } from '../util/crash-point.ts'
import { downstreamKey } from '../util/effect-key-text.ts'
import { runBody } from './attempt.ts'
import { BodyContext } from './body-context.ts'
import type { ClaimAnswer } from './claim-answer.ts'
import { outcomeBody, userCommitOf } from './commit.ts'
import { eventOf, type Invocation, keyText } from './invocation.ts'

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
): Promise<ClaimAnswer | 'again'> {
  const { tool, run } = invocation
  let reason = cause
  run.context.events.emit('effect-unknown', { ...eventOf(invocation, effect), error: cause })
  // Nothing but rows in the commit's own transaction: they are not there, so it did not happen.
  if (tool.execute === undefined) return resolved(invocation, effect, { kind: 'not_applied' }, 'policy', null)
  if (tool.onUnknown === 'retry' && run.context.clock.now() - effect.firstAt < tool.downstreamKeyTtlMs) {
    const takeover: Resolution = { kind: 'takeover', run: run.ref, leaseMs: tool.leaseMs }
    return resolved(invocation, effect, takeover, 'policy', null)
  }
  if (typeof tool.onUnknown === 'function') {
    const known = await reconcile(invocation, bodyToAsk(body), effect)
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
  const error = unknownError(invocation, effect, reason)
  await run.halt(error)
  throw error
}

function unknownError({ tool, run }: Invocation, effect: UnknownEffect, cause: unknown): EffectUnknownError {
  const idempotencyKey = downstreamKey(effect.key, effect.generation)
  const facts = { tool: tool.name, key: keyText(effect), idempotencyKey, runId: run.id }
  return new EffectUnknownError(cause === undefined ? facts : { ...facts, cause })
}

interface Asked {
  readonly resolution: Exclude<Resolution, { kind: 'takeover' }>
  readonly userCommit: CommitEffect['userCommit']
  /** Why nobody knows yet, if the hook failed. */
  readonly cause: unknown
}

/** Asks the tool's hook. What it throws, or answers beside the point, means that nobody knows yet. */
async function reconcile(invocation: Invocation, asked: LiveBody, effect: UnknownEffect): Promise<Asked> {
  const { tool, args, run, lane } = invocation
  crashPoint('before-reconcile')
  const hook = tool.onUnknown as (args: unknown, context: BodyContext) => unknown
  const context = new BodyContext(run, asked, effect)
  const deadline = { timeoutMs: tool.timeoutMs, graceMs: run.context.graceMs }
  const work = () => run.inLane(lane, asked, () => hook(args, context))
  const ended = await runBody(work, asked, deadline, run.context.deadlines)
  crashPoint('after-reconcile-hook')
  if (ended.kind !== 'value') return nobodyKnows(ended.error)
  const answer = ended.value as Reconciliation<unknown> | null | undefined
  switch (answer?.kind) {
    case 'applied': {
      const { outcome } = outcomeBody(invocation, answer.result)
      const { result, kept } = outcome as Extract<EffectOutcome, { kind: 'succeeded' }>
      return {
        resolution: { kind: 'applied', result, kept },
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
): Promise<ClaimAnswer | 'again'> {
  const answer = await resolve(invocation, effect, resolution, by, userCommit)
  if (answer.kind === 'refused') throw invocation.run.refusal(answer)
  crashPoint('after-resolve')
  if (answer.kind !== 'claimed') return 'again'
  crashPoint('after-takeover')
  return { kind: 'claimed', claim: answer }
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
