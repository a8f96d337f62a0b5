import type { FirstAnswered, WatchedCall } from '../lane/loop-watch.ts'
import type { AnsweredCall, Call } from './answered-call.ts'
import type { CountedAnswer, LoopGuard } from './loop-guard.ts'

/** What the guard knows of a call when it starts. */
export interface GuardedCallFacts {
  readonly lane: object
  readonly call: Call
  readonly since: number
  /** The attempt whose record is gone through again. */
  readonly attempt: number | undefined
  /** It was counted when it was announced, and not answered yet. */
  readonly announced: AnsweredCall | undefined
}

/** One call under the eyes of the guard. */
export class GuardedCall implements WatchedCall {
  readonly #guard: LoopGuard
  readonly #facts: GuardedCallFacts

  constructor(guard: LoopGuard, facts: GuardedCallFacts) {
    this.#guard = guard
    this.#facts = facts
  }

  loop(): Error | undefined {
    const { lane, call, attempt, announced } = this.#facts
    return announced === undefined ? this.#guard.loopOf(lane, call, attempt) : undefined
  }

  answered(text: string | undefined): void {
    this.#count(text, { attempt: this.#facts.attempt })
  }

  served(text: string | undefined, first: FirstAnswered): void {
    this.#count(text, first)
  }

  #count(text: string | undefined, first: Omit<CountedAnswer, 'text' | 'since'>): void {
    const { lane, call, since, announced } = this.#facts
    this.#guard.count(lane, announced ?? call, { text, since: announced?.since ?? since, ...first })
  }
}
