import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { Lane } from '../lane/lane.ts'
import type { LiveBody } from '../lane/live-body.ts'
import { currentFrame } from './frame.ts'
import { coreOf, type Run } from './run.ts'
import type { RunCore } from './run-core.ts'

/** The run, and the place in it, that a new run is a child of. */
export interface Enclosing {
  readonly core: RunCore
  readonly lane: Lane
  readonly body: LiveBody | null
}

/** `parent: null` opts out; a run given explicitly wins over the async context. Runs of another store are no parents. */
export function enclosing(context: LedgerContext, parent: Run | null | undefined): Enclosing | undefined {
  if (parent === null) return undefined
  const frame = currentFrame()
  const run = parent ?? frame?.run
  if (run === undefined) return undefined
  const core = coreOf(run)
  if (!sharesStore(core, context)) {
    if (parent === undefined) return undefined
    throw new ConfigError(`run '${run.id}' is in another store, so it cannot be a parent here; nothing was opened.`)
  }
  if (frame?.run === run) return { core, lane: frame.lane, body: frame.body }
  return { core, lane: core.root, body: null }
}

/** The run of this id that the current context is in, directly or further out. */
export function enclosingRun(context: LedgerContext, id: string | undefined): RunCore | undefined {
  const frame = currentFrame()
  if (id === undefined || frame === undefined) return undefined
  for (let core: RunCore | undefined = coreOf(frame.run); core !== undefined; core = core.parent) {
    if (core.id === id && !core.isEnded && sharesStore(core, context)) return core
  }
  return undefined
}

/** The body that is held up as long as what the current context starts is. */
export function enclosingBody(): LiveBody | null {
  const frame = currentFrame()
  return frame === undefined ? null : (frame.body ?? coreOf(frame.run).body)
}

function sharesStore(core: RunCore, { store }: LedgerContext): boolean {
  return core.context.store === store || core.mode === 'unprotected' || core.context.store.identity === store.identity
}
