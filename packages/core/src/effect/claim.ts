import { encodeKnown, encodeValue } from '../codec/value-codec.ts'
import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import { NotSupportedError } from '../errors/not-supported-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { ClaimEffect, EffectClaimed } from '../store/effect-verbs.ts'
import type { EffectRecord } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { assertNever } from '../util/assert-never.ts'
import { backoffDelay } from '../util/backoff.ts'
import { crashPoint } from '../util/crash-point.ts'
import type { ClaimAnswer } from './claim-answer.ts'
import { conflict } from './conflict.ts'
import { type Invocation, keyText, waitOptions } from './invocation.ts'
import { fromRecord } from './serve.ts'
import { resolveUnknown } from './unknown.ts'

/** It informs the search for cycles only, and must not hide what the claim came to. */
async function endWait(store: Store, effect: number): Promise<void> {
  await store.endWait(effect).catch(() => undefined)
}

type Busy = Extract<EffectClaimed, { kind: 'busy' }>

/** Claims the effect, waiting for whoever is doing it, and resolving an outcome that nobody knows. */
export async function claim(invocation: Invocation, body: LiveBody): Promise<ClaimAnswer> {
  const { run, parent } = invocation
  const request = claimRequest(invocation)
  body.claimedArgs = request.args
  const waiting = new Waiting(invocation)
  try {
    for (;;) {
      run.assertOpen()
      run.answers.flush()
      body.leasedSince = run.context.clock.monotonic()
      crashPoint('before-claim')
      const answer = await run.context.store.claimEffect({ ...request, at: run.context.clock.now() })
      const decided = await decide(invocation, body, answer, waiting)
      if (decided !== 'again') return decided
    }
  } finally {
    if (waiting.turns > 0 && parent?.effect != null) await endWait(run.context.store, parent.effect)
  }
}

function claimRequest(invocation: Invocation): Omit<ClaimEffect, 'at'> {
  const { run, lane, parent, tool, options, keyed } = invocation
  return {
    run: run.ref,
    owner: keyed.owner,
    keys: keyed.keys,
    tool: tool.name,
    args: argsBody(invocation),
    argsHash: keyed.argsHash,
    onOtherArgs: keyed.onOtherArgs,
    callerKeyed: keyed.callerKeyed,
    lane: lane.id,
    callsSeen: lane.callsSeen,
    parentEffect: parent?.effect ?? null,
    leaseMs: tool.leaseMs,
    attempts: tool.attempts,
    willWait: (options?.wait?.onBusy ?? 'wait') === 'wait',
  }
}

function argsBody({ run, args, keyed: { argsJson } }: Invocation): string {
  const { maxValueBytes } = run.context
  return argsJson ? encodeKnown(args, argsJson, maxValueBytes) : encodeValue(args, maxValueBytes)
}

async function decide(
  invocation: Invocation,
  body: LiveBody,
  answer: EffectClaimed,
  waiting: Waiting,
): Promise<ClaimAnswer | 'again'> {
  const { run, tool } = invocation
  switch (answer.kind) {
    case 'claimed':
      return { kind: 'claimed', claim: answer }
    case 'settled':
      return mayBeAskedAnew(invocation, answer.effect)
        ? resolveUnknown(invocation, body, answer.effect, undefined)
        : settled(invocation, answer, waiting.turns > 0)
    case 'busy':
      await waiting.turn(answer)
      return 'again'
    case 'unknown':
      return resolveUnknown(invocation, body, answer.effect, undefined)
    case 'conflict':
      throw await conflict(invocation, keyText(answer.effect))
    case 'awaiting_approval':
    case 'denied':
      throw undone(tool.name, answer.effect.status)
    case 'refused':
      throw run.refusal(answer)
    default:
      return assertNever(answer)
  }
}

/**
 * A failure that is only assumed to have had no effect answers as it is, within an attempt of the run. A later attempt
 * was opened to go beyond it: there it counts as an outcome that nobody knows, and the tool's `onUnknown` decides.
 */
function mayBeAskedAnew({ run, wasClaimed }: Invocation, { status, certainty }: EffectRecord): boolean {
  return run.attempt > 1 && wasClaimed && status === 'failed' && certainty === 'assumed'
}

function settled(
  { tool }: Invocation,
  answer: Extract<EffectClaimed, { kind: 'settled' }>,
  waited: boolean,
): ClaimAnswer {
  const { effect, argsDiffer } = answer
  const outcome = fromRecord(effect)
  if (outcome === undefined) throw undone(tool.name, effect.status)
  return { kind: 'settled', outcome, key: keyText(effect), argsDiffer, waited }
}

function undone(tool: string, status: string): NotSupportedError {
  return new NotSupportedError(
    `'${tool}' has the status '${status}'; going on from it`,
    'Use the version that wrote it.',
  )
}

/** Waits for an effect that somebody else is doing, with backoff and jitter. */
class Waiting {
  turns = 0
  readonly #invocation: Invocation
  readonly #since: number

  constructor(invocation: Invocation) {
    this.#invocation = invocation
    this.#since = invocation.run.context.clock.monotonic()
  }

  async turn(busy: Busy): Promise<void> {
    const { run } = this.#invocation
    const { clock, random } = run.context
    const wait = waitOptions(this.#invocation)
    const waited = clock.monotonic() - this.#since
    if (busy.cycle || wait.onBusy === 'throw' || waited >= wait.timeoutMs) throw this.#inProgress(busy)
    const delay = backoffDelay(wait, this.turns++, random)
    // Not longer than the lease: its end is when there is something to do.
    await clock
      .sleep(Math.max(1, Math.min(delay, busy.lease.remainingMs, wait.timeoutMs - waited)), run.signal)
      .catch(() => run.assertOpen())
  }

  #inProgress({ effect, lease, cycle }: Busy): EffectInProgressError {
    const facts = { tool: effect.tool, key: keyText(effect), cycle }
    if (!Number.isFinite(lease.remainingMs)) return new EffectInProgressError(facts)
    return new EffectInProgressError({
      ...facts,
      leaseUntil: this.#invocation.run.context.clock.now() + lease.remainingMs,
    })
  }
}
