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

/** `parent: null` opts out; a run given explicitly wins over the async context. */
export function enclosing(parent: Run | null | undefined): Enclosing | undefined {
  const frame = currentFrame()
  if (parent === null || (parent === undefined && frame === undefined)) return undefined
  const run = parent ?? (frame as NonNullable<typeof frame>).run
  const core = coreOf(run)
  if (frame?.run === run) return { core, lane: frame.lane, body: frame.body }
  return { core, lane: core.root, body: null }
}

/** The run of this id that the current context is in, directly or further out. */
export function enclosingRun(id: string | undefined): RunCore | undefined {
  const frame = currentFrame()
  if (id === undefined || frame === undefined) return undefined
  for (let core: RunCore | undefined = coreOf(frame.run); core !== undefined; core = core.parent)
    if (core.id === id) return core
  return undefined
}
