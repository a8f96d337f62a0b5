import { AsyncLocalStorage } from 'node:async_hooks'
import type { Lane } from '../lane/lane.ts'
import type { LiveBody } from '../lane/live-body.ts'
import { sharedState } from '../util/shared-state.ts'
import type { Run } from './run.ts'

/** Where in a run the current async context is. */
export interface Frame {
  readonly run: Run
  readonly lane: Lane
  /** The effect's body that is running, if any. */
  readonly body: LiveBody | null
  /** Within `run.final`: model calls pass a halt that a limit has caused, as long as it is open. */
  readonly final?: LastWord
}

/** Closed when the work of `run.final` is over, for whatever it left behind. */
export interface LastWord {
  isOpen: boolean
}

/** On `globalThis`, because one process may hold several copies of this package and must have one current run. */
const frames = sharedState('frames', () => new AsyncLocalStorage<Frame>())

export function currentFrame(): Frame | undefined {
  return frames.getStore()
}

export function inFrame<T>(frame: Frame, work: () => T): T {
  const around = currentFrame()
  // What the sender of a last call asks for is part of the last word.
  if (frame.final === undefined && around?.final !== undefined && around.run === frame.run)
    return frames.run({ ...frame, final: around.final }, work)
  return frames.run(frame, work)
}
