import type { AnsweredSpan } from '../lane/loop-watch.ts'

/** What makes two calls the same: a tool with its arguments. */
export interface Call {
  readonly tool: string
  /** `search|{"query":"x"}`, for comparing: what is shown of it is shorter. */
  readonly signature: string
}

/** What stands for a result that nobody knows; no result is shortened to it. */
export const UNKNOWN_RESULT = '?'

/** A call that was only announced: the call itself may be the next. */
export interface Announced {
  /** Hash of the arguments that it was announced with. */
  readonly args: string
}

/** When a call was answered, in the several orders that matter. */
export interface AnswerFacts {
  readonly result: string
  /** Epoch milliseconds; 0 where that does not matter. */
  readonly at: number
  /** The attempt of the run that was answered so. */
  readonly attempt: number
  /** How many answers there were when the call started. */
  readonly since: number
  /** Numbers the answers of a run. */
  readonly order: number
  /** The place of one that the record gave. */
  readonly span?: AnsweredSpan | undefined
}

/** A call that was answered, and what by. */
export class AnsweredCall implements Call {
  readonly tool: string
  readonly signature: string
  readonly at: number
  readonly attempt: number
  readonly since: number
  readonly order: number
  readonly span: AnsweredSpan | undefined
  /** As far as it takes to tell it from another. */
  readonly result: string
  #announced: Announced | undefined

  constructor({ tool, signature }: Call, facts: AnswerFacts) {
    this.tool = tool
    this.signature = signature
    this.at = facts.at
    this.attempt = facts.attempt
    this.since = facts.since
    this.order = facts.order
    this.span = facts.span
    this.result = facts.result
  }

  /** As long as only that happened. */
  get announced(): Announced | undefined {
    return this.#announced
  }

  open(announced: Announced): void {
    this.#announced = announced
  }

  close(): void {
    this.#announced = undefined
  }

  isSame(other: AnsweredCall | undefined): boolean {
    return other !== undefined && this.result === other.result && this.signature === other.signature
  }
}
