import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { OpenRun, RunOpened } from '../store/run-verbs.ts'
import type { Store } from '../store/store.ts'
import { sharedState } from '../util/shared-state.ts'
import type { RunCore } from './run-core.ts'
import { declareScopes } from './scopes-of-run.ts'

type Recorder = () => Promise<boolean>

/** Runs that spent something and ended before their store was back. */
const unrecorded = sharedState('unrecorded-runs', () => new WeakMap<object, Set<Recorder>>())

/**
 * Puts a run that had no record on record after it has ended, if the store is back; what it spent, as soon as the store
 * answers anybody. Never rejects.
 */
export async function recordAfterwards(core: RunCore, ending: { readonly error: string | null }): Promise<void> {
  const record = () => recordRun(core, ending)
  if (!(await record()) && core.outages.spending.isOpen) waitingFor(core.context.store).add(record)
}

/** The store answers: what could not be recorded before is, one after the other. Never rejects. */
export async function recordWhatIsLeft(store: Store): Promise<void> {
  const left = unrecorded.get(store.identity) ?? new Set()
  for (const record of [...left]) {
    left.delete(record)
    if (await record()) continue
    left.add(record)
    return
  }
}

function waitingFor(store: Store): Set<Recorder> {
  const waiting = unrecorded.get(store.identity) ?? new Set()
  unrecorded.set(store.identity, waiting)
  return waiting
}

/** False if the store is out of reach: what happened was told as it happened, by events and by a warning. */
async function recordRun(core: RunCore, ending: { readonly error: string | null }): Promise<boolean> {
  const { store, clock } = core.context
  try {
    const opened = await opening(core)
    if (opened.kind !== 'opened') return true
    if (!(await core.outages.spending.record(store, opened.ref))) return false
    await store.append({ run: opened.ref, entries: core.outages.entries(), unprotected: true })
    const to = ending.error === null ? 'completed' : 'failed'
    await store.closeRun({ run: opened.ref, to, output: null, outputKept: false, error: ending.error, at: clock.now() })
    return true
  } catch (error) {
    return !StoreUnavailableError.isInstance(error)
  }
}

/** A scope that nobody could declare meanwhile is left out: what was spent counts in the others. */
async function opening(core: RunCore): Promise<RunOpened> {
  const { store, leaseMs } = core.context
  const { id, name, thread, tags, scopes, createdAt: at } = core.record
  const { sessionScopes } = core
  const rest = { input: null, inputHash: null, parent: null, leaseMs, shared: false, retry: false }
  const open: OpenRun = { id, name, thread, tags, sessionScopes, at, ...rest }
  await declareScopes(core.context, {}, { thread, scopes }, 'run').catch((error: unknown) => {
    if (StoreUnavailableError.isInstance(error)) throw error
  })
  const opened = await store.openRun({ ...open, scopes })
  return opened.kind === 'unlimited' ? store.openRun(open) : opened
}
