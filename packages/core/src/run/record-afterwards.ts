import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunRef } from '../store/records.ts'
import type { OpenRun, RunOpened } from '../store/run-verbs.ts'
import type { Store } from '../store/store.ts'
import { sharedState } from '../util/shared-state.ts'
import type { RunCore } from './run-core.ts'
import { declareScopes } from './scopes-of-run.ts'

/** Runs that spent something and ended before their store was back. */
const unrecorded = sharedState('unrecorded-runs', () => new WeakMap<object, Set<Recorder>>())

interface Recorder {
  /** False if the store is out of reach. Never rejects. */
  record(): Promise<boolean>
}

/**
 * Puts a run that had no record on record after it has ended, if the store is back; what it spent, as soon as the store
 * answers anybody. Never rejects.
 */
export async function recordAfterwards(core: RunCore, ending: { readonly error: string | null }): Promise<void> {
  const recorder = new EndedRecorder(core, ending)
  const { outages, context } = core
  const recordOrWait = async () => {
    if (!(await recorder.record()) && outages.spending.isOpen) waitingFor(context.store).add(recorder)
  }
  outages.recordBy(recordOrWait)
  await recordOrWait()
}

/** The store answers: what could not be recorded before is, one after the other. Never rejects. */
export async function recordWhatIsLeft(store: Store): Promise<void> {
  const left = unrecorded.get(store.identity) ?? new Set()
  for (const recorder of [...left]) {
    left.delete(recorder)
    if (await recorder.record()) continue
    left.add(recorder)
    return
  }
}

function waitingFor(store: Store): Set<Recorder> {
  const waiting = unrecorded.get(store.identity) ?? new Set()
  unrecorded.set(store.identity, waiting)
  return waiting
}

/** What is left to be recorded of a run that had no record. */
class EndedRecorder implements Recorder {
  readonly #core: RunCore
  readonly #ending: { readonly error: string | null }
  /** The run on record that it is added to, once there is one. */
  #ref: RunRef | undefined
  #isClosed = false
  #last: Promise<boolean> = Promise.resolve(true)

  constructor(core: RunCore, ending: { readonly error: string | null }) {
    this.#core = core
    this.#ending = ending
  }

  /** One after the other: nothing is to be counted twice. What happened was told as it happened, by events and by a warning. */
  record(): Promise<boolean> {
    this.#last = this.#last.then(() => this.#record())
    return this.#last
  }

  async #record(): Promise<boolean> {
    const { context, id, outages } = this.#core
    try {
      this.#ref ??= await openPlace(this.#core)
      if (this.#ref === undefined) return true
      if (!(await outages.spending.record(context, id, this.#ref))) return false
      if (!this.#isClosed) await this.#close(this.#ref)
      this.#isClosed = true
      return true
    } catch (error) {
      return !StoreUnavailableError.isInstance(error)
    }
  }

  async #close(run: RunRef): Promise<void> {
    const { context, outages } = this.#core
    const { store, clock } = context
    const { error } = this.#ending
    await store.append({ run, entries: outages.entries(), unprotected: true })
    const to = error === null ? 'completed' : 'failed'
    await store.closeRun({ run, to, output: null, outputKept: false, error, at: clock.now() })
  }
}

/**
 * A run of that id may be there: ended, somebody else's, or one that died or waits and is to go on from its own record.
 * Then what was spent counts in one beside it.
 */
async function openPlace(core: RunCore): Promise<RunRef | undefined> {
  const { record, context, outages } = core
  const known = await context.store.readRun(record.id)
  const own = known === null ? await opening(core, record.id) : undefined
  if (own?.kind === 'opened') return own.ref
  if (!outages.spending.isOpen) return undefined
  const beside = await opening(core, `${record.id}:${context.ids()}`)
  return beside.kind === 'opened' ? beside.ref : undefined
}

/** A scope that nobody could declare meanwhile is left out: what was spent counts in the others. */
async function opening(core: RunCore, id: string): Promise<RunOpened> {
  const { store, leaseMs } = core.context
  const { name, thread, tags, scopes, createdAt: at } = core.record
  const { sessionScopes } = core
  const rest = { input: null, inputHash: null, parent: null, leaseMs, shared: false, retry: false }
  const open: OpenRun = { id, name, thread, tags, sessionScopes, at, ...rest }
  await declareScopes(core.context, {}, { thread, scopes }, 'run').catch((error: unknown) => {
    if (StoreUnavailableError.isInstance(error)) throw error
  })
  const opened = await store.openRun({ ...open, scopes })
  return opened.kind === 'unlimited' ? store.openRun(open) : opened
}
