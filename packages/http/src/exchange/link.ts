import { JoinedSignal } from './joined-signal.ts'

/** What ends a request, and what ends its answer for whoever reads it. */
export class Link {
  readonly #caller: AbortSignal | undefined
  readonly #run: AbortSignal
  readonly #mayOutlive: boolean
  readonly #request: JoinedSignal
  #reader: JoinedSignal | undefined

  /** `mayOutlive`: an answer is read on in the background when its caller has had enough of it. */
  constructor(caller: AbortSignal | undefined, run: AbortSignal, mayOutlive: boolean) {
    this.#caller = caller
    this.#run = run
    this.#mayOutlive = mayOutlive
    this.#request = new JoinedSignal(caller, run)
  }

  /** For the request. */
  get signal(): AbortSignal {
    return this.#request.signal
  }

  /** For the reader of the answer that has begun. */
  answered(): AbortSignal {
    if (!this.#mayOutlive) return this.signal
    if (this.#caller !== undefined) this.#request.unfollow(this.#caller)
    this.#reader = new JoinedSignal(this.#caller, this.#run)
    return this.#reader.signal
  }

  /** The answer is on record: what is left of it is its caller's alone. */
  leaveRun(): void {
    this.#request.unfollow(this.#run)
  }

  /**
   * The rest of the answer is not wanted. Where its reader follows the request's own signal, that would say that its caller
   * had aborted it; there the end of the body is enough.
   */
  readonly stop = (reason: unknown): void => {
    if (this.#reader !== undefined) this.#request.abort(reason)
  }

  /** It is over: nothing is followed any more. */
  end(): void {
    this.#request.end()
    this.#reader?.end()
  }
}
