import type { ApprovalRecord, EffectRecord } from '../records.ts'
import { APPROVAL_CODE, approvalSource, approvalStatus } from './codes.ts'

/** A row of `approval`, with the thread of the run that asked. */
export interface ApprovalRow {
  effect: number
  /** The run that asked, whose stream tells of it. */
  run_seq: number
  thread: string | null
  /** The attempt of that run in which it was asked or approved, and the one that the run is in now. */
  attempt: number
  attempt_now: number
  status: number
  source: number
  /** The status that the effect had before, and gets back without a yes; null if it is there for this question only. */
  prior: number | null
  args_hash: Buffer
  requested_at: number
  expires_at: number | null
  decided_at: number | null
  decided_by: string | null
  reason: string | null
  decision_reason: string | null
  /** 1: the arguments that it is about were put in their place by an earlier decision, and executed. */
  edited: number
  original_digest: Buffer | null
  original: string | null
}

export function toApproval(row: ApprovalRow, effect: EffectRecord): ApprovalRecord {
  return {
    effect,
    thread: row.thread,
    status: approvalStatus(row.status),
    from: approvalSource(row.source),
    argsHash: row.args_hash,
    reason: row.reason,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decisionReason: row.decision_reason,
    edited: hasEdits(row),
    original: row.original,
  }
}

/** Nobody decided in time. A decision, once made, does not expire. */
export function isOver({ status, expires_at: expiresAt }: ApprovalRow, at: number): boolean {
  return status === APPROVAL_CODE.pending && expiresAt !== null && expiresAt <= at
}

/** Whether it is about the arguments of that hash; without one the key is over all of them, and they are the same. */
export function isAbout(approval: ApprovalRow, argsHash: Buffer | null): boolean {
  return argsHash === null || approval.args_hash.equals(argsHash)
}

/** A yes is one to an attempt of the run that asked: a later attempt asks anew. */
export function isYesNow({ status, attempt, attempt_now: now }: ApprovalRow): boolean {
  return status === APPROVAL_CODE.approved && attempt === now
}

/** Whether the arguments of the effect are those that a human put in the place of its caller's. */
export function hasEdits({ original, edited }: ApprovalRow): boolean {
  return original !== null || edited === 1
}
