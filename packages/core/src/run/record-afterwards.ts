import type { RunCore } from './run-core.ts'

/** Puts a run that had no record on record after it has ended, if the store is back. Never rejects. */
export async function recordAfterwards(core: RunCore, ending: { readonly error: string | null }): Promise<void> {
  const { store, clock } = core.context
  const { id, name, thread, tags, createdAt } = core.record
  const rest = {
    input: null,
    inputHash: null,
    parent: null,
    leaseMs: core.context.leaseMs,
    shared: false,
    retry: false,
  }
  try {
    const opened = await store.openRun({ id, name, thread, tags, at: createdAt, ...rest })
    if (opened.kind !== 'opened') return
    await store.append({ run: opened.ref, entries: core.outages.entries(), unprotected: true })
    const to = ending.error === null ? 'completed' : 'failed'
    await store.closeRun({ run: opened.ref, to, output: null, outputKept: false, error: ending.error, at: clock.now() })
  } catch {
    // Still out of reach: what happened was told as it happened, by events and by a warning.
  }
}
