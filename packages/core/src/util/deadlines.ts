import type { Clock } from './clock.ts'

interface Deadline {
  readonly at: number
  readonly task: () => void
}

/** Many deadlines on one timer: nearly all are called off long before they come. */
export class Deadlines {
  readonly #clock: Clock
  readonly #waiting = new Set<Deadline>()
  #next = Number.POSITIVE_INFINITY
  #stopTimer: () => void = () => undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs the task once, in `ms` milliseconds; returns what calls it off. */
  add(ms: number, task: () => void): () => void {
    const deadline = { at: this.#clock.monotonic() + ms, task }
    this.#waiting.add(deadline)
    if (deadline.at < this.#next) this.#schedule(deadline.at)
    return () => {
      this.#waiting.delete(deadline)
    }
  }

  #schedule(at: number): void {
    this.#stopTimer()
    this.#next = at
    // Rounded up: a timer that fires a fraction early would find nothing due.
    this.#stopTimer = this.#clock.after(Math.max(0, Math.ceil(at - this.#clock.monotonic())), () => this.#fire())
  }

  #fire(): void {
    const now = this.#clock.monotonic()
    this.#next = Number.POSITIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    const due: Deadline[] = []
    for (const deadline of this.#waiting) {
      if (deadline.at <= now) due.push(deadline)
      else next = Math.min(next, deadline.at)
    }
    if (Number.isFinite(next)) this.#schedule(next)
    for (const deadline of due) {
      this.#waiting.delete(deadline)
      deadline.task()
    }
  }
}
