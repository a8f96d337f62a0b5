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
}
