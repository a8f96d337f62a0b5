import { type AnsweredCall, type Call, UNKNOWN_RESULT } from './answered-call.ts'
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
    const change = known.findLastIndex(({ result }) => result !== newest?.result)
    const count = turnsOf(known.slice(change + 1))
    return count < this.#most ? undefined : { detector: 'stagnation', count, tools: [next.tool] }
  }

  following({ lane }: Past): Call | undefined {
    return lane.at(-1)
  }
}

/** What started before the first of them was answered could not know: it is one turn with that. */
function turnsOf(calls: readonly AnsweredCall[]): number {
  let turns = 0
  let first = -1
  for (const { since, order } of calls) {
    if (since < first) continue
    turns++
    first = order
  }
  return turns
}
