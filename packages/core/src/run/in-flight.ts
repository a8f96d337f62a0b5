import type { Clock } from '../util/clock.ts'

/** What a run has begun and not ended yet: its end waits for it. */
export class InFlight {
  #count = 0
  readonly #calls = new Set<() => void>()
  readonly #open = new Set<() => Promise<void>>()
  #onEnd: (() => void)[] = []

  get count(): number {
    return this.#count
  }

  /** Returns what ends it. Nothing but its client ends a `call`, so that only it is ever given up. */
  track(call?: 'call'): () => void {
    this.#count++
    let done = false
    const end = () => {
      if (done) return
      done = true
      this.#calls.delete(end)
      this.#count--
      for (const resolve of this.#onEnd.splice(0)) resolve()
    }
    if (call !== undefined) this.#calls.add(end)
    return end
  }

  /** Something that is left open by hand: closed at the end unless its owner did. Returns what forgets it. */
  leaveOpen(close: () => Promise<void>): () => void {
    this.#open.add(close)
    return () => {
      this.#open.delete(close)
    }
  }

  /**
   * Resolves when nothing is in flight; a call that has not ended after `callsMs` is given up. `onlyCalls` is told when
   * nothing else is left: a call inside an effect's body must not be cut short, because the effect would be.
   */
  async drained(clock: Clock, callsMs: number, onlyCalls?: () => void): Promise<void> {
    for (const close of [...this.#open]) await close()
    if (this.#count === 0) return onlyCalls?.()
    const waited = new AbortController()
    // A sleep and not a timer: a process that only waits for this must not exit before the run has ended.
    const givenUp = clock.sleep(callsMs, waited.signal).then(() => this.#giveUpCalls())
    givenUp.catch(() => undefined)
    while (this.#count > this.#calls.size) await this.#oneEnded()
    onlyCalls?.()
    while (this.#count > 0) await this.#oneEnded()
    waited.abort()
  }

  #oneEnded(): Promise<void> {
    return new Promise((resolve) => this.#onEnd.push(resolve))
  }

  #giveUpCalls(): void {
    for (const end of [...this.#calls]) end()
  }
}
