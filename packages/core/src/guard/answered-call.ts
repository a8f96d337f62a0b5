/** What makes two calls the same: a tool with its arguments. */
export interface Call {
  readonly tool: string
  /** `search|{"query":"x"}`. */
  readonly signature: string
}

/** What stands for a result that nobody knows; no result is shortened to it. */
export const UNKNOWN_RESULT = '?'

/** A call that was answered, and what by. */
export class AnsweredCall implements Call {
  readonly tool: string
  readonly signature: string
  /** Epoch milliseconds; 0 where that does not matter. */
  readonly at: number
  /** Numbers the answers of a run. */
  readonly order: number
  #served: boolean
  #result: string
  #isOpen = false

  constructor(
    call: Call,
    facts: { readonly result: string; readonly at: number; readonly order: number; readonly served: boolean },
  ) {
    this.tool = call.tool
    this.signature = call.signature
    this.at = facts.at
    this.order = facts.order
    this.#served = facts.served
    this.#result = facts.result
  }

  /** As far as it takes to tell it from another. */
  get result(): string {
    return this.#result
  }

  /** The record answered: an earlier execution made the call. */
  get served(): boolean {
    return this.#served
  }

  /** It was only announced so far: the call itself may be the next. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  open(): void {
    this.#isOpen = true
  }

  close(): void {
    this.#isOpen = false
  }

  /** The result of what was announced is known now. */
  become(result: string, served: boolean): void {
    this.#result = result
    this.#served = served
  }

  isSame(other: AnsweredCall | undefined): boolean {
    return other !== undefined && this.signature === other.signature && this.#result === other.result
  }
}
