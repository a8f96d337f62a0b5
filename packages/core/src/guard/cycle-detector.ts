import type { AnsweredCall, Call } from './answered-call.ts'
import type { Loop, LoopDetector, Past } from './loop-detector.ts'

/** So many calls, one after another, that come round with the same answers. One call that does is repeated in a row. */
export class CycleDetector implements LoopDetector {
  readonly #period: number
  readonly #rounds: number

  constructor(period: number, rounds: number) {
    this.#period = period
    this.#rounds = rounds
  }

  find(next: Call, past: Past): Loop | undefined {
    // The rounds first: that the newest answers differ is seen sooner than that long arguments do.
    const count = this.#roundsOf(past.lane)
    if (count < this.#rounds || this.following(past)?.signature !== next.signature) return undefined
    const tools = past.lane.slice(-this.#period).map(({ tool }) => tool)
    return { detector: this.#period === 1 ? 'repeats' : 'cycle', count, tools }
  }

  following({ lane }: Past): Call | undefined {
    return lane.at(-this.#period)
  }

  /** How many whole rounds stand at the end. */
  #roundsOf(lane: readonly AnsweredCall[]): number {
    let same = 0
    for (let index = lane.length - 1; lane[index]?.isSame(lane[index - this.#period]) === true; index--) same++
    return Math.floor(same / this.#period) + 1
  }
}
