import { type Call, UNKNOWN_RESULT } from './answered-call.ts'
import type { Loop, LoopDetector, Past } from './loop-detector.ts'

/** One tool that gives the same result whatever it is asked. */
export class StagnationDetector implements LoopDetector {
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  find(next: Call, { run }: Past): Loop | undefined {
    // Results that nobody knows are not known to be the same.
    const known = run.filter(({ tool, result }) => tool === next.tool && result !== UNKNOWN_RESULT)
    const newest = known.at(-1)
    const count = known.length - 1 - known.findLastIndex(({ result }) => result !== newest?.result)
    return count < this.#most ? undefined : { detector: 'stagnation', count, tools: [next.tool] }
  }

  following({ lane }: Past): Call | undefined {
    return lane.at(-1)
  }
}
