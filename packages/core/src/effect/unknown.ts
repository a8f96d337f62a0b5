import { encodeValue } from '../codec/value-codec.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { Claimed, EffectResolved, Resolution, ResolveEffect } from '../store/effect-verbs.ts'
import type { Reconciliation } from '../tool/tool-definition.ts'
import { crashPoint } from '../util/crash-point.ts'
import { downstreamKey } from '../util/effect-key-text.ts'
import { BodyContext } from './body-context.ts'
import type { ClaimAnswer } from './claim-answer.ts'
import { type Invocation, keyText } from './invocation.ts'

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
  run.context.events.emit('effect-unknown', eventOf(invocation, effect, cause))
  // Nothing but rows in the commit's own transaction: they are not there, so it did not happen.
  if (tool.execute === undefined) return resolved(invocation, effect, { kind: 'not_applied' }, 'policy')
  if (tool.onUnknown === 'retry' && run.context.clock.now() - effect.firstAt < tool.downstreamKeyTtlMs) {
    const takeover: Resolution = { kind: 'takeover', run: run.ref, leaseMs: tool.leaseMs }
    return resolved(invocation, effect, takeover, 'policy')
  }
  if (typeof tool.onUnknown === 'function') {
    const known = await reconcile(invocation, body, effect)
    if (known.kind !== 'unknown') return resolved(invocation, effect, known, 'reconcile')
    await resolve(invocation, effect, known, 'reconcile')
  }
  const error = unknownError(invocation, effect, cause)
  await run.halt(error)
  throw error
}

function unknownError({ tool, run }: Invocation, effect: UnknownEffect, cause: unknown): EffectUnknownError {
  const idempotencyKey = downstreamKey(effect.key, effect.generation)
  const facts = { tool: tool.name, key: keyText(effect), idempotencyKey, runId: run.id }
  return new EffectUnknownError(cause === undefined ? facts : { ...facts, cause })
}

/** Asks the tool's hook. What it throws means that nobody knows yet. */
async function reconcile(invocation: Invocation, body: LiveBody, effect: UnknownEffect): Promise<Resolution> {
  const { tool, args, run, lane } = invocation
  crashPoint('before-reconcile')
  const hook = tool.onUnknown as (args: unknown, context: BodyContext) => Promise<Reconciliation<unknown>>
  const context = new BodyContext(run, body, effect)
  const answer = await run
    .inLane(lane, body, async () => hook(args, context))
    .catch(() => ({ kind: 'unknown' }) as const)
  crashPoint('after-reconcile-hook')
  if (answer.kind !== 'applied') return answer
  try {
    return { kind: 'applied', result: encodeValue(answer.result, run.context.maxValueBytes), kept: true }
  } catch (error) {
    if (!NotSerializableError.isInstance(error)) throw error
    return { kind: 'applied', result: null, kept: false }
  }
}

/** Whoever resolves first wins; the others go on from what it has become. */
async function resolved(
  invocation: Invocation,
  effect: UnknownEffect,
  resolution: Resolution,
  by: ResolveEffect['by'],
): Promise<ClaimAnswer | 'again'> {
  const answer = await resolve(invocation, effect, resolution, by)
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
): Promise<EffectResolved> {
  const { store, clock } = run.context
  return store.resolveEffect({ id: effect.id, epoch: effect.epoch, resolution, by, note: null, at: clock.now() })
}

function eventOf({ run, tool }: Invocation, effect: UnknownEffect, error: unknown) {
  const { generation, attempt } = effect
  return { runId: run.id, tool: tool.name, key: keyText(effect), generation, attempt, error }
}
