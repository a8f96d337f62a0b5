import type { EffectRecord, LeaseView } from '../records.ts'
import { certainty, effectStatus, recordLevel, undoKind } from './codes.ts'
import type { Leases } from './leases.ts'

/** A row of `effect`, with its run's id. */
export interface EffectRow {
  id: number
  owner_seq: number
  key: Buffer
  generation: number
  run_seq: number
  run_id: string
  tool: string
  status: number
  epoch: number
  attempt: number
  owner: number | null
  leased_at: number | null
  lease_ms: number | null
  lane: string
  parent_effect: number | null
  waiting_for: number | null
  caller_keyed: number
  plain: number
  args_hash: Buffer | null
  unknown_of: number | null
  certainty: number | null
  commit_seq: number | null
  first_at: number
  claimed_at: number
  ended_at: number | null
  claim_entry: number
  /** Of its run: what it claimed up to this entry was undone, and is no part of its history any more. */
  history_from: number
  result_kept: number
  by_hand: number
  undo: number
  saga_group: number | null
  undo_attempt: number
  undone_at: number | null
  record_level: number
  args_digest: Buffer | null
  result_digest: Buffer | null
  args: string
  result: string | null
  token: string | null
  error: string | null
  undo_error: string | null
}

/** What an `EffectRow` is made of, from `effect f` and its `run r`. */
export const EFFECT_COLUMNS: string = `f.id, f.owner_seq, f.key, f.generation, f.run_seq, r.id AS run_id, f.tool, f.status, f.epoch, f.attempt,
  f.owner, f.leased_at, f.lease_ms, f.lane, f.parent_effect, f.waiting_for, f.caller_keyed, f.plain, f.args_hash, f.unknown_of,
  f.certainty, f.commit_seq, f.first_at, f.claimed_at, f.ended_at, f.claim_entry, r.history_from, f.result_kept, f.by_hand, f.undo, f.saga_group,
  f.undo_attempt, f.undone_at, f.record_level, f.args_digest, f.result_digest, f.args, f.result, f.token, f.error, f.undo_error`

/** Reads effects; a condition follows. */
export const SELECT_EFFECT: string = `SELECT ${EFFECT_COLUMNS} FROM effect f JOIN run r ON r.seq = f.run_seq`

export function toEffect(row: EffectRow): EffectRecord {
  return {
    id: row.id,
    ownerSeq: row.owner_seq,
    runSeq: row.run_seq,
    runId: row.run_id,
    key: row.key,
    generation: row.generation,
    tool: row.tool,
    status: effectStatus(row.status),
    epoch: row.epoch,
    attempt: row.attempt,
    lane: row.lane,
    parentEffect: row.parent_effect,
    callerKeyed: row.caller_keyed === 1,
    argsHash: row.args_hash,
    args: row.args,
    result: row.result,
    resultKept: row.result_kept === 1,
    error: row.error,
    certainty: row.certainty === null ? null : certainty(row.certainty),
    commitSeq: row.commit_seq,
    undo: undoKind(row.undo),
    group: row.saga_group,
    token: row.token,
    undoAttempt: row.undo_attempt,
    undoError: row.undo_error,
    undoneAt: row.undone_at,
    recordLevel: recordLevel(row.record_level),
    argsDigest: row.args_digest,
    resultDigest: row.result_digest,
    firstAt: row.first_at,
    claimedAt: row.claimed_at,
    endedAt: row.ended_at,
  }
}

/** The lease of an effect that is being processed or compensated. */
export function effectLease(row: EffectRow, leases: Leases): LeaseView {
  return leases.view({ owner: row.owner ?? 0, leasedAt: row.leased_at ?? 0, leaseMs: row.lease_ms })
}

/** How a lease's length is stored: null is one that never runs out. */
export function storedLease(leaseMs: number): number | null {
  return Number.isFinite(leaseMs) ? Math.floor(leaseMs) : null
}
