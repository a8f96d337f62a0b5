import { decodeValue } from '../codec/value-codec.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import type { Lane } from '../lane/lane.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { Claimed } from '../store/effect-verbs.ts'
import { crashPoint } from '../util/crash-point.ts'
import { mayBeAsked } from './approval-question.ts'
import { asApproved } from './approved-args.ts'
import { type Ended, runBody } from './attempt.ts'
import { BodyContext } from './body-context.ts'
import { commitUnknown, commitValue } from './commit.ts'
import { type Failed, failedAttempt } from './failed-attempt.ts'
import { goesOn, unlessHeldUp } from './goes-on.ts'
import { eventOf, type Invocation, type Outcome } from './invocation.ts'
import { laneOfBody } from './key.ts'

/**
 * Runs the claimed body until its outcome is on record. `again`: it is known not to have happened and is to be
 * claimed anew; `tries` counts how often that was so in this perform.
 */
export async function execute(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  tries: number,
): Promise<Outcome | 'again'> {
  const { run, tool } = invocation
  body.effect = claim.id
  body.isRecorded = false
  run.tools.remember(tool, claim.id)
  const endLease = run.lease({ id: claim.id, epoch: claim.epoch, leaseMs: tool.leaseMs }, body)
  try {
    crashPoint('after-claim')
    emitClaimed(invocation, claim)
    const approval = approved(invocation, body, claim)
    const { call, refused } = approval instanceof Promise ? await approval : approval
    let current = claim
    for (;;) {
      const ended = refused ?? (await runAttempt(call, body, current))
      crashPoint('after-body')
      const committed = ended.kind === 'value' ? await commitValue(call, body, current, ended.value) : { failed: ended }
      if (!('failed' in committed)) return committed
      const next = await failedAttempt(call, body, current, committed.failed, tries)
      if (typeof next !== 'number') return next
      current = { ...current, attempt: next }
    }
  } catch (error) {
    await leaveNothingBehind(invocation, body, claim, error)
    throw error
  } finally {
    endLease()
  }
}

interface Approved {
  readonly call: Invocation
  readonly refused?: Failed
}

/** What may be executed; an error for what may not, which is then the outcome of its attempt. At once where nobody can have been asked. */
function approved(invocation: Invocation, body: LiveBody, claim: Claimed): Approved | Promise<Approved> {
  if (claim.args === null && !mayBeAsked(invocation)) return { call: invocation }
  return asApproved(invocation, body, claim).then(
    (call) => ({ call }),
    (error: unknown) => ({ call: invocation, refused: { kind: 'error', error } }),
  )
}

/** Whatever goes wrong around a body that ran, its effect must not stay `processing` under an owner that lives on. */
async function leaveNothingBehind(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  error: unknown,
): Promise<void> {
  if (body.isRecorded) return
  // What this throws says less than the error that it would hide.
  await commitUnknown(invocation, body, claim, error).catch(() => undefined)
  if (error instanceof Error) await invocation.run.halt(error)
}

async function runAttempt(invocation: Invocation, body: LiveBody, claim: Claimed): Promise<Ended> {
  const { run, tool, args, lane } = invocation
  // Aborted or halted while the claim was under way; or stopped for so long that another may have it by now.
  const isStopped = run.signal.aborted && claim.attempt === 1 && !goesOn(run, body)
  if (isStopped || (isLeaseOld(invocation, body) && !(await renewed(invocation, body))))
    return { kind: 'error', error: neverStarted(tool.name, run.id) }
  const context = new BodyContext(run, body, claim)
  body.attempt = claim.attempt
  const inner = await innerLane(run, lane, claim)
  crashPoint('before-body')
  const given = claim.attempt === 1 ? args : claimedArgs(invocation, body)
  const work = () => run.inLane(inner, body, () => tool.execute?.(given, context))
  return unlessHeldUp(run, body, await runBody(run, tool, body, work))
}

/** A process that was stopped since its claim may have been replaced: after a lease's time it asks before it starts a body. */
function isLeaseOld({ run, tool }: Invocation, body: LiveBody): boolean {
  return run.context.clock.monotonic() - body.leasedSince >= tool.leaseMs
}

async function renewed({ run }: Invocation, body: LiveBody): Promise<boolean> {
  body.leasedSince = run.context.clock.monotonic()
  return (await run.heartbeat()) && !body.isAborted
}

/** What an earlier attempt did to its arguments is not what was claimed. */
function claimedArgs({ args }: Invocation, body: LiveBody): unknown {
  return body.claimedArgs === undefined ? args : decodeValue(body.claimedArgs)
}

function neverStarted(tool: string, runId: string): NotAppliedError {
  const message = `'${tool}' was not started: its run was stopped, or the lease of its claim ran out, before its body began.`
  return new NotAppliedError(message, { cause: new LeaseLostError({ runId }) })
}

/** The lane of the body: from the second attempt on, what the earlier ones recorded in it is served again. */
function innerLane(run: Invocation['run'], lane: Lane, claim: Claimed): Lane | Promise<Lane> {
  const id = () => laneOfBody(lane.id, claim.key, claim.generation)
  return claim.attempt === 1 ? run.newLane(id) : run.recordedLane(id())
}

function emitClaimed(invocation: Invocation, claim: Claimed): void {
  const { events } = invocation.run.context
  if (!events.hasListeners('effect-claimed')) return
  events.emit('effect-claimed', eventOf(invocation, claim))
}
