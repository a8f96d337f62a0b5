/** A run further out; perhaps of another copy of this package. */
interface Outer {
  readonly signal: AbortSignal
  readonly isAborted: boolean
  readonly abortReason: unknown
}

/** The signal of a run: whether its caller aborted it, and what the run lacks because of that. */
export class RunSignal {
  readonly #controller = new AbortController()
  readonly #parent: Outer | undefined
  #byCaller = false
  #byEnd = false
  #isCutShort = false
  /** What counts in the place of the question that the signal was aborted with. */
  #instead: { readonly reason: unknown } | undefined
  /** Why calls in flight are not wanted any more. */
  #unwanted: { readonly reason: unknown } | undefined
  #calls: AbortController | undefined
  readonly #unfollow: (() => void)[] = []

  constructor(parent: Outer | undefined) {
    this.#parent = parent
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** For model calls: a limit on what may be spent does not abort those that are paid for. Made when it is first asked for. */
  get calls(): AbortSignal {
    this.#calls ??= new AbortController()
    if (this.#unwanted !== undefined) this.#calls.abort(this.#unwanted.reason)
    return this.#calls.signal
  }

  /** Something else than a limit on what may be spent has stopped the run, or ended it: not even last calls are wanted. */
  get isOver(): boolean {
    return this.#unwanted !== undefined
  }

  /** By the caller of this run, or of one above it. */
  get isAborted(): boolean {
    return this.#byCaller || this.#parent?.isAborted === true
  }

  /** Why the run lacks something that it began or asked for, if its caller aborted it before. */
  get cutShort(): { readonly reason: unknown } | undefined {
    return this.#isCutShort ? { reason: this.reason } : undefined
  }

  get reason(): unknown {
    if (this.#instead !== undefined) return this.#instead.reason
    return this.signal.aborted ? this.signal.reason : this.#parent?.abortReason
  }

  /** Something stopped the run; the first reason stays. `callsGoOn`: those in flight may end. */
  stop(reason: unknown, callsGoOn = false): void {
    if (callsGoOn) this.#controller.abort(reason)
    else this.#abort(reason)
  }

  /** `anyway`: what had stopped the run before was nothing but a question to a human. */
  abortByCaller(reason: unknown, anyway = false): void {
    if (anyway || !this.signal.aborted) this.#byCaller = true
    // It was told that what it asked for has to wait, and now that never comes.
    if (anyway) this.#isCutShort = true
    if (anyway) this.#instead = { reason }
    this.#abort(reason)
  }

  /** The run ends badly: nobody wants the answers of calls in flight any more, and their clients are told. */
  abortByEnd(reason: Error): void {
    if (!this.signal.aborted) this.#byEnd = true
    this.#abort(reason)
  }

  #abort(reason: unknown): void {
    this.#unwanted ??= { reason }
    this.#controller.abort(reason)
    this.#calls?.abort(reason)
  }

  /** Follows a signal that the run depends on, which may have been aborted meanwhile, until the run ends. */
  follow(signal: AbortSignal | undefined, abort: (reason: unknown) => void): void {
    if (signal === undefined) return
    const onAbort = () => abort(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    this.#unfollow.push(() => signal.removeEventListener('abort', onAbort))
  }

  unfollow(): void {
    for (const unfollow of this.#unfollow.splice(0)) unfollow()
  }

  assertNotAborted(): void {
    if (this.isAborted) this.#isCutShort = true
    if (this.signal.aborted) throw this.reason
  }

  /** Whether what is thrown now comes of the abort, or of the run's end; remembers that it cut the run short. */
  gaveUp(): boolean {
    if (this.isAborted) this.#isCutShort = true
    return this.isAborted || this.#byEnd
  }
}
