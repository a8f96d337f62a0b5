import type { Durability } from '../store.ts'

/** `PRAGMA synchronous`: NORMAL leaves the sync of the log to the next checkpoint or FULL commit. */
export const NORMAL = 1
/** `PRAGMA synchronous`: the log is on disk before COMMIT returns. */
export const FULL = 2

export type SyncLevel = typeof NORMAL | typeof FULL

/**
 * Verbs that permit an outside act or carry a human's decision: what they wrote must be on disk before anything
 * happens outside. The others record what has happened; loss of power may take them back, never out of order.
 */
const PERMISSIONS = {
  claimEffect: true,
  resolveEffect: true,
  reserve: true,
  cancelRun: true,
  requestApproval: true,
  decideApproval: true,
  claimCompensation: true,
  openHold: true,
  setLimits: true,
  openRun: false,
  closeRun: false,
  haltRun: false,
  openCompensation: false,
  commitCompensation: false,
  finishCompensation: false,
  sweepRuns: false,
  renewLeases: false,
  append: false,
  commitEffect: false,
  endWait: false,
  recordAnswers: false,
  reopenLane: false,
  settle: false,
  correct: false,
  settleHold: false,
  expireHolds: false,
  startRead: false,
} as const

/** The verbs that write. */
export type WriteVerb = keyof typeof PERMISSIONS

/** How far a verb's writes are synced before it answers. */
export function syncLevel(durability: Durability, verb: WriteVerb): SyncLevel {
  if (durability === 'full') return FULL
  return durability === 'balanced' && PERMISSIONS[verb] ? FULL : NORMAL
}
