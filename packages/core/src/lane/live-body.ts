import type { ApprovalRequiredError } from '../errors/approval-required-error.ts'

/** Stands for the function of a value, which is neither an effect nor a call. */
export const VALUE_KEY = 'value'

/**
 * A body that runs, or is about to, in this process: callers of the same key join it instead of starting another,
 * and nothing starts it again before it has really ended, whatever the ledger says of it meanwhile.
 */
export class LiveBody {
  readonly key: string
  readonly parent: LiveBody | null
  /** Never rejects: an error is an outcome too. */
  readonly outcome: Promise<unknown>
  /** The effect's id once it is claimed. */
  effect: number | null = null
  /** Of its effect, from 1: that of the execution that runs now. */
  attempt = 1
  /** Of the arguments, where the key is not over all of them. */
  readonly argsHash: Buffer | null
  /** Monotonic time at which the lease that it runs under was asked for. */
  leasedSince = 0
  /** The arguments as they were claimed: a body may change the object that it was given. */
  claimedArgs: string | undefined
  /** Claimed by hand: it ends when its holder says so. */
  isByHand = false
  /** Its tool's compensation undoes what happens inside it too. */
  coversInside = false
  /** Whether what the body came to is on record, or on its way there. */
  isRecorded = false
  /** Something inside it waits for a human: whatever it makes of that, it has not done what it was called for. */
  heldUp: ApprovalRequiredError | undefined
  /** An effect or a call was asked for in it, however deep. */
  didMore = false
  /** Stands for work that is recorded as a whole, and is no body of an effect. */
  hasNoLane = false
  /** Set when the body did not end in its time: resolves when it really has. */
  lingering: Promise<unknown> | undefined
  /** Made when there is one: most bodies wait for nobody and start nothing. */
  #waitsFor: Set<LiveBody> | undefined
  #children: Set<LiveBody> | undefined
  readonly #resolve: (outcome: unknown) => void
  #abort: AbortController | undefined
  #aborted: unknown

  constructor(key: string, parent: LiveBody | null, argsHash: Buffer | null = null) {
    this.key = key
    this.parent = parent
    this.argsHash = argsHash
    const { promise, resolve } = Promise.withResolvers<unknown>()
    this.outcome = promise
    this.#resolve = resolve
    if (parent === null) return
    parent.#children ??= new Set()
    parent.#children.add(this)
    if (key === VALUE_KEY) return
    for (let above: LiveBody | null = parent; above !== null; above = above.parent) above.didMore = true
  }

  settle(outcome: unknown): void {
    if (this.parent !== null) this.parent.#children?.delete(this)
    this.#resolve(outcome)
  }

  /** Made when the body first looks at it: most never do. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#aborted !== undefined) this.#abort.abort(this.#aborted)
    }
    return this.#abort.signal
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined
  }

  abort(reason: unknown): void {
    this.#aborted = reason
    this.#abort?.abort(reason)
  }

  wasAbortedWith(error: unknown): boolean {
    return this.#aborted !== undefined && this.#aborted === error
  }

  /** What was performed in it waits for a human, and so do the bodies around it. */
  holdUp(error: ApprovalRequiredError): void {
    this.heldUp ??= error
    this.parent?.holdUp(error)
  }

  /** Whether its compensation, or that of a body around it, undoes what happens inside it. */
  get coversWhatIsInside(): boolean {
    return this.coversInside || this.parent?.coversWhatIsInside === true
  }

  /** A new attempt starts with a signal of its own. */
  renewSignal(): void {
    this.#abort = undefined
    this.#aborted = undefined
  }

  /** Whether waiting for `other` could never end, because it waits, directly or through others, for this body or one above it. */
  wouldDeadlock(other: LiveBody): boolean {
    const above = new Set<LiveBody>()
    for (let body: LiveBody | null = this; body !== null; body = body.parent) above.add(body)
    const seen = new Set<LiveBody>([other])
    for (const body of seen) {
      if (above.has(body)) return true
      for (const next of body.#waitsFor ?? []) seen.add(next)
      for (const child of body.#children ?? []) seen.add(child)
    }
    return false
  }

  /** Counts as waiting for `other` as long as `outcome`, which is what it waits for, is open. */
  async waitFor<T>(other: LiveBody, outcome: Promise<T>): Promise<T> {
    this.didMore = true
    this.#waitsFor ??= new Set()
    this.#waitsFor.add(other)
    try {
      return await outcome
    } finally {
      this.#waitsFor?.delete(other)
    }
  }
}
