import type { LeaseView, RunRecord } from '../records.ts'
import { RUN_CODE, runStatus } from './codes.ts'
import { isOpen } from './fence.ts'
import type { Leases } from './leases.ts'

/** A row of `run`, with its parent's id. */
export interface RunRow {
  seq: number
  id: string
  status: number
  epoch: number
  attempt: number
  owner: number | null
  leased_at: number | null
  lease_ms: number | null
  touched: number
  shared: number
  unprotected: number
  aborted: number
  unsettled: number
  root_seq: number
  parent_seq: number | null
  parent_epoch: number | null
  parent_id: string | null
  parent_lane: string | null
  path: string
  name: string | null
  thread: string | null
  replay_of: string | null
  created_at: number
  ended_at: number | null
  output_kept: number
  input_hash: Buffer | null
  halt: string | null
  timed_from: number | null
  tags: string
  scopes: string
  options: string | null
  input: string | null
  output: string | null
  error: string | null
}

/** Reads runs; a condition follows. */
export const SELECT_RUN = 'SELECT r.*, p.id AS parent_id FROM run r LEFT JOIN run p ON p.seq = r.parent_seq'

export function toRun(row: RunRow, leases: Leases): RunRecord {
  return {
    seq: row.seq,
    id: row.id,
    name: row.name,
    thread: row.thread,
    status: runStatus(row.status),
    attempt: row.attempt,
    epoch: row.epoch,
    rootSeq: row.root_seq,
    parentSeq: row.parent_seq,
    parentId: row.parent_id,
    parentLane: row.parent_lane,
    path: JSON.parse(row.path),
    shared: row.shared === 1,
    input: row.input,
    output: row.output,
    outputKept: row.output_kept === 1,
    error: row.error,
    halt: row.halt,
    tags: JSON.parse(row.tags),
    scopes: JSON.parse(row.scopes),
    options: row.options,
    unprotected: row.unprotected === 1,
    aborted: row.aborted === 1,
    replayOf: row.replay_of,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    dead: isDead(row, leases),
  }
}

/** Running, closing or compensating without a live lease. A shared run that is open has no lease to lose. */
export function isDead(row: RunRow, leases: Leases): boolean {
  const isHeld = row.status === RUN_CODE.compensating || (isOpen(row.status) && row.shared === 0)
  return isHeld && runLease(row, leases).expired
}

/** Who may act for it, and for how long; one that was given back is over. */
export function runLease({ owner, leased_at: leasedAt, lease_ms: leaseMs }: RunRow, leases: Leases): LeaseView {
  if (owner === null || leasedAt === null) return { owner: 0, expired: true, remainingMs: 0 }
  return leases.view({ owner, leasedAt, leaseMs })
}
