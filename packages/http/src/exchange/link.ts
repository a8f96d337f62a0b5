import { JoinedSignal } from './joined-signal.ts'

/** What ends a request, and what ends its answer for whoever reads it. */
export class Link {
  readonly #caller: AbortSignal | undefined
  readonly #run: AbortSignal
  readonly #mayOutlive: boolean
  readonly #asError: (error: unknown) => unknown
  readonly #request: JoinedSignal
  #reader: JoinedSignal | undefined
  #isOnRecord = false
  #isLeft = false

  /**
   * `mayOutlive`: an answer is read on in the background when its caller has had enough of it. `asError`: what the caller gets
   * of an error.
   */
  constructor(
    caller: AbortSignal | undefined,
    run: AbortSignal,
    mayOutlive: boolean,
    asError: (error: unknown) => unknown = (error) => error,
  ) {
    this.#caller = caller
    this.#run = run
    this.#mayOutlive = mayOutlive
    this.#asError = asError
    this.#request = new JoinedSignal([caller, run], asError)
  }

  /** For the request. */
  get signal(): AbortSignal {
    return this.#request.signal
  }

  /** For the reader of the answer that has begun. */
  answered(): AbortSignal {
    if (!this.#mayOutlive) return this.signal
    if (this.#caller !== undefined) this.#request.unfollow(this.#caller)
    this.#reader = new JoinedSignal([this.#caller, this.#run], this.#asError)
    return this.#reader.signal
  }

  /** The answer is on record: what is left of it is its caller's alone. */
  leaveRun(): void {
    this.#isOnRecord = true
    if (this.#isLeft || this.#run !== this.#caller) this.#leave(this.#run)
  }

  /** Its caller reads no more of it. */
  readonly leaveCaller = (): void => {
    this.#isLeft = true
    if (this.#caller !== undefined && (this.#isOnRecord || this.#run !== this.#caller)) this.#leave(this.#caller)
  }

  #leave(signal: AbortSignal): void {
    this.#request.unfollow(signal)
    this.#reader?.unfollow(signal)
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
