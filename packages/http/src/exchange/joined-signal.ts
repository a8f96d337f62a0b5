/** One signal for a request that its caller, its run and its tap may end, until nobody listens any more. */
export class JoinedSignal {
  readonly #controller = new AbortController()
  readonly #followed = new Map<AbortSignal, () => void>()
  readonly #asReason: (reason: unknown) => unknown

  /** Follows those that there are. One that is aborted already counts at once. */
  constructor(signals: readonly (AbortSignal | undefined)[], asReason: (reason: unknown) => unknown) {
    this.#asReason = asReason
    for (const signal of signals) if (signal !== undefined) this.#follow(signal)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }

  unfollow(signal: AbortSignal): void {
    const onAbort = this.#followed.get(signal)
    if (onAbort === undefined) return
    signal.removeEventListener('abort', onAbort)
    this.#followed.delete(signal)
  }

  /** What is followed may live much longer than a request. */
  end(): void {
    for (const signal of this.#followed.keys()) this.unfollow(signal)
  }

  #follow(signal: AbortSignal): void {
    if (signal.aborted) this.abort(this.#asReason(signal.reason))
    if (signal.aborted || this.#followed.has(signal)) return
    const onAbort = () => this.abort(this.#asReason(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    this.#followed.set(signal, onAbort)
  }
}
