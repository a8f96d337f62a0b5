import type { LoopDetectorName } from '../errors/loop-detected-error.ts'
import type { AnsweredCall, Call } from './answered-call.ts'

/** What has been answered, the oldest first. */
export interface Past {
  /** In the lane of the call that is looked at. */
  readonly lane: readonly AnsweredCall[]
  /** In all lanes of the run. */
  readonly run: readonly AnsweredCall[]
  /** Epoch milliseconds. */
  readonly now: number
}

/** The same again and again, as often as it is allowed. */
export interface Loop {
  readonly detector: LoopDetectorName
  /** How often already. */
  readonly count: number
  /** The tools that take turns. */
  readonly tools: readonly string[]
}

/** One way to see that an agent goes round in circles. */
export interface LoopDetector {
  /** The loop that this call would carry on. */
  find(next: Call, past: Past): Loop | undefined
  /** The call that would carry on what the newest answer of the lane may belong to. */
  following(past: Past): Call | undefined
}
