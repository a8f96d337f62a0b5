import type { AnsweredSpan } from '../lane/loop-watch.ts'
import type { AnsweredCall } from './answered-call.ts'

/** The last answers of a lane or a run; what is older is forgotten. */
export class RecentCalls {
  readonly #most: number
  #calls: AnsweredCall[] = []

  constructor(most: number) {
    this.#most = most
  }

  /** The oldest first. */
  get all(): readonly AnsweredCall[] {
    return this.#calls
  }

  get newest(): AnsweredCall | undefined {
    return this.#calls.at(-1)
  }

  add(call: AnsweredCall): void {
    this.#calls.push(call)
    if (this.#calls.length > this.#most) this.#calls.shift()
  }

  keep(which: (call: AnsweredCall) => boolean): void {
    this.#calls = this.#calls.filter(which)
  }

  /** Whether a call like this was answered since then: what started before that did not know of the answer. */
  wasAnsweredSince(order: number, signature: string): boolean {
    for (let index = this.#calls.length - 1; index >= 0; index--) {
      const call = this.#calls[index] as AnsweredCall
      if (call.order <= order) return false
      if (call.signature === signature) return true
    }
    return false
  }

  /** How many answers there were when a call began that is on record; undefined if all of these were there. */
  ordersBefore({ measure, began }: AnsweredSpan): number | undefined {
    let before: number | undefined
    for (let index = this.#calls.length - 1; index >= 0; index--) {
      const { span, order } = this.#calls[index] as AnsweredCall
      if (span?.measure !== measure) continue
      if (span.ended <= began) break
      before = order - 1
    }
    return before
  }
}
