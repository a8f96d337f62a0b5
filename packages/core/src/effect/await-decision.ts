import { rememberAsked } from '../lane/asked-tools.ts'
import type { ApprovalRecord } from '../store/records.ts'
import { backoffDelay } from '../util/backoff.ts'
import { crashPoint } from '../util/crash-point.ts'
import { requiredError } from './approval-errors.ts'
import type { ClaimAnswer } from './claim-answer.ts'
import { pause } from './goes-on.ts'
import { type Invocation, keyText, waitOptions } from './invocation.ts'

/** One caller's way with the question whether its effect may execute. */
export class PendingDecision {
  readonly #invocation: Invocation
  #hasAnswered = false

  constructor(invocation: Invocation) {
    this.#invocation = invocation
  }

  /**
   * Goes on from an open question: by the answer that the caller brought, or by waiting in place where that is wanted;
   * then the effect is to be claimed anew. `askedAt`: when the verb was issued that came upon it.
   */
  async next(approval: ApprovalRecord, askedAt: number, block: boolean): Promise<ClaimAnswer | 'again'> {
    const { run, tool } = this.#invocation
    rememberAsked(run.context.store.identity, tool)
    if (approval.requestedAt === askedAt) tellRequested(this.#invocation, approval)
    crashPoint('after-request')
    if (await this.#decidedByClient(approval, askedAt)) return 'again'
    if (!block) return { kind: 'awaiting_approval', error: requiredError(approval) }
    await untilDecided(this.#invocation, approval)
    crashPoint('before-wake')
    return 'again'
  }

  /** What a client says counts only where tool and question both leave it to clients, and once for each call. */
  async #decidedByClient(approval: ApprovalRecord, askedAt: number): Promise<boolean> {
    const { run, tool, options } = this.#invocation
    const answer = options?.answer
    if (answer === undefined || this.#hasAnswered) return false
    if (approval.from !== 'client' || tool.approval?.from !== 'client') return false
    if (approval.requestedAt === askedAt && (await isAskedAnew(this.#invocation, approval))) return false
    this.#hasAnswered = true
    const { store, clock, events } = run.context
    const { approve, by = 'client', reason = null } = answer
    const decided = await store.decideApproval({
      effect: approval.effect.id,
      decision: approve ? 'approve' : 'deny',
      by,
      reason,
      args: null,
      overrule: false,
      at: clock.now(),
    })
    if (decided.kind !== 'decided') return true
    const { status } = decided.approval
    events.emit('approval-decided', { ...questionEvent(approval), status, by, reason })
    return true
  }
}

function tellRequested({ run }: Invocation, approval: ApprovalRecord): void {
  const { reason, expiresAt } = approval
  const expiry = expiresAt === null ? null : new Date(expiresAt)
  run.context.events.emit('approval-requested', { ...questionEvent(approval), reason, expiresAt: expiry })
}

function questionEvent({ effect }: ApprovalRecord) {
  const { runId, tool, generation } = effect
  return { runId, tool, key: keyText(effect), generation }
}

/** The question before this one was over before anybody answered it: an answer that comes now is an answer to that. */
async function isAskedAnew({ run }: Invocation, { effect }: ApprovalRecord): Promise<boolean> {
  const { store } = run.context
  // It was executed before: the answer may be the one that this was done with.
  if (effect.attempt > 0) return true
  const all = await store.readEffect(effect.ownerSeq, effect.key)
  const before = all.find(({ generation }) => generation === effect.generation - 1)
  if (before === undefined) return false
  const [approval] = await store.listApprovals({ effect: before.id })
  return approval?.status === 'expired'
}

/** Resolves when the question is decided or over. A decision of this process is heard of at once, others are looked for. */
async function untilDecided(invocation: Invocation, { effect }: ApprovalRecord): Promise<void> {
  const { run, parent } = invocation
  const { store, clock, events, random } = run.context
  const key = keyText(effect)
  let wake = () => {}
  const unlisten = events.on('approval-decided', (event) => {
    if (event.key === key) wake()
  })
  try {
    for (let turn = 0; ; turn++) {
      run.assertOpen(parent)
      // Made before it is looked: what is decided meanwhile must not be missed.
      const woken = new AbortController()
      wake = () => woken.abort()
      const [approval] = await store.listApprovals({ effect: effect.id })
      const leftMs = (approval?.expiresAt ?? Number.POSITIVE_INFINITY) - clock.now()
      if (approval?.status !== 'pending' || leftMs <= 0) return
      const delay = backoffDelay(waitOptions(invocation), turn, random)
      await pause(run, Math.max(1, Math.min(delay, leftMs)), parent, woken.signal)
    }
  } finally {
    unlisten()
  }
}
