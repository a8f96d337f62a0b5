import type { WatchedCall } from '../lane/loop-watch.ts'
import type { AnsweredCall, Call } from './answered-call.ts'
import type { LoopGuard } from './loop-guard.ts'
import { resultOf } from './signature.ts'

/** One call under the eyes of the guard. */
export class GuardedCall implements WatchedCall {
  readonly #guard: LoopGuard
  readonly #lane: object
  readonly #call: Call
  readonly #since: number
  /** It was counted when it was announced, so that only its result is missing. */
  readonly #announced: AnsweredCall | undefined

  constructor(
    guard: LoopGuard,
    facts: {
      readonly lane: object
      readonly call: Call
      readonly since: number
      readonly announced: AnsweredCall | undefined
    },
  ) {
    this.#guard = guard
    this.#lane = facts.lane
    this.#call = facts.call
    this.#since = facts.since
    this.#announced = facts.announced
  }

  loop(): Error | undefined {
    return this.#announced === undefined ? this.#guard.loopOf(this.#lane, this.#call) : undefined
  }

  answered(text: string): void {
    this.#answered(text, undefined)
  }

  served(text: string, at: number): void {
    this.#answered(text, at)
  }

  #answered(text: string, servedAt: number | undefined): void {
    const answer = { result: resultOf(text), since: this.#since, servedAt }
    this.#guard.count(this.#lane, this.#announced ?? this.#call, answer)
  }
}
