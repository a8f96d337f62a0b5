import type { Whim } from './outside-log.ts'

/** One step of a trip: a tool of its own, and what becomes of it outside. */
export interface TripStep {
  /** Also the name of its tool. */
  readonly what: string
  /** `garbled`: the service acts, and the tool cannot make sense of the answer. */
  readonly fate: 'good' | 'garbled' | Whim
  /** What the service makes of its compensation. */
  readonly undo: 'good' | Whim
  /** Its compensation is a tool of that name instead of a function. */
  readonly undoneByTool: boolean
  /** Attempts that its tool's `retry` allows, forward and back. */
  readonly attempts: number
  /** The trip goes on without it. */
  readonly optional: boolean
  /** A human is asked before it executes: the run is let go meanwhile, or waits in place. */
  readonly approval: 'parks' | 'blocks' | null
  /** What the human says. */
  readonly decision: 'approve' | 'deny'
}

/** A run that books something itself, and then goes through a saga. */
export interface Trip {
  readonly before: TripStep
  /** The saga: stages of several steps are parallel groups. */
  readonly stages: readonly (readonly TripStep[])[]
  /** What the run does about the saga: goes by its end, fails after it, or goes on if it failed. */
  readonly ending: 'ends' | 'throws' | 'catches'
}

export function step(what: string, facts: Partial<TripStep> = {}): TripStep {
  return {
    ...{ what, fate: 'good', undo: 'good', undoneByTool: false, attempts: 1, optional: false },
    ...{ approval: null, decision: 'approve' },
    ...facts,
  }
}

export function stepsOf({ before, stages }: Trip): readonly TripStep[] {
  return [before, ...stages.flat()]
}
