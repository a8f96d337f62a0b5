import type { Lane } from '../lane/lane.ts'
import type { RunScope } from '../lane/run-scope.ts'

/** Where a model is called: the run, the lane and, inside an effect's body, that effect. */
export interface CallPlace {
  readonly run: RunScope
  readonly lane: Lane
  readonly parentEffect: number | null
}
