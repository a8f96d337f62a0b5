import { droppedHash } from '../codec/dropped-value.ts'
import { decodeValue } from '../codec/value-codec.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { hashOnly, redacted, type Showing, shownValue } from '../config/shown-value.ts'
import type { ApprovalRecord, ApprovalSource, ApprovalStatus, Body, EffectRecord } from '../store/records.ts'
import { formatEffectKey } from '../util/effect-key-text.ts'
import { sha256Hex } from '../util/hash.ts'

/** A question that was put to a human, and what was decided. */
export interface ApprovalView {
  /** What `approvals.approve` and `effects.get` take. */
  readonly key: string
  readonly generation: number
  readonly tool: string
  /** What executes if it is approved: the edited arguments, once it was approved with such. */
  readonly args: unknown
  /** What was asked for, where the approval edited it. */
  readonly originalArgs?: unknown
  readonly runId: string
  readonly thread: string | null
  readonly status: ApprovalStatus
  /** Whose word decides: that of `ledger.approvals`, or also the answer that a framework's client gives. */
  readonly from: ApprovalSource
  /** Why a human is asked. */
  readonly reason: string | null
  readonly requestedAt: Date
  readonly expiresAt: Date | null
  readonly decidedAt: Date | null
  readonly by: string | null
  readonly decisionReason: string | null
  /** Its place among all of them: what `approvals.pending` takes to go on after this one. */
  readonly cursor: string
}

/** A stored approval for people and programs. One that nobody decided in time is expired, whether or not its row says so. */
export function approvalView(context: LedgerContext, approval: ApprovalRecord): ApprovalView {
  const { effect, thread, from, reason, decidedBy: by, decisionReason } = approval
  const { tool, runId, generation } = effect
  return {
    ...{ generation, tool, runId, thread, from, reason, by, decisionReason },
    key: formatEffectKey(effect.ownerSeq, effect.key),
    args: shownArgs(context, effect, effect.args),
    ...(approval.original === null ? {} : { originalArgs: shownArgs(context, effect, approval.original) }),
    status: statusAt(approval, context.clock.now()),
    requestedAt: new Date(approval.requestedAt),
    expiresAt: dateOf(approval.expiresAt),
    decidedAt: dateOf(approval.decidedAt),
    cursor: String(effect.id),
  }
}

function statusAt({ status, expiresAt }: ApprovalRecord, now: number): ApprovalStatus {
  return status === 'pending' && expiresAt !== null && expiresAt <= now ? 'expired' : status
}

function dateOf(at: number | null): Date | null {
  return at === null ? null : new Date(at)
}

/** Never throws: whoever cannot read the arguments can still say no. */
function shownArgs({ redact }: LedgerContext, effect: EffectRecord, body: Body): unknown {
  const { recordLevel: level, runId, tool } = effect
  const showing: Showing = { level, redact, about: { kind: 'args', runId, tool } }
  const dropped = droppedHash(body)
  if (dropped !== undefined) return redacted(hashOnly(dropped), showing)
  try {
    return shownValue(decodeValue(body), showing, () => sha256Hex(body))
  } catch {
    return '[unreadable]'
  }
}
