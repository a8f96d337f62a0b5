import type { Problem, ReadStore } from '../store/read-verbs.ts'

/** What `ledger.verify()` found. */
export interface Verification {
  /** True if every promise that can be recomputed from the rows holds. */
  readonly ok: boolean
  readonly problems: readonly Problem[]
}

/** Recomputes what must hold over all rows; reads everything, so it takes a while on a big ledger. */
export async function verifyLedger(store: Pick<ReadStore, 'verify'>): Promise<Verification> {
  const problems = await store.verify()
  return { ok: problems.length === 0, problems }
}
