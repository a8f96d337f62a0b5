import type { Lane } from '../lane/lane.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { CallHow } from './call-how.ts'

/** Where a model is called. */
export interface CallPlace {
  readonly run: RunScope
  readonly lane: Lane
  /** What the sender does: it knows the effect in whose body that is, and whether a human is asked meanwhile. */
  readonly work: LiveBody
  /** Within `run.final`: it passes a halt that a limit has caused, and may spend what is kept back for it. */
  readonly final: boolean
  readonly how: CallHow
}
