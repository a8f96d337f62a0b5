import type { Clock } from './clock.ts'

interface Timer {
  due: number
  order: number
  task: () => void
  repeatMs: number | undefined
}

/** A clock for tests: time passes only by `advance`. */
export class ManualClock implements Clock {
  #now: number
  #monotonic = 0
  #order = 0
  readonly #timers = new Set<Timer>()

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
  }

  /** Whole, as `Date.now` is, whatever fractions a jitter lets pass. */
  now(): number {
    return Math.floor(this.#now)
  }

  monotonic(): number {
    return this.#monotonic
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = this.after(ms, resolve)
      signal?.addEventListener('abort', () => {
        stop()
        reject(signal.reason)
      })
    })
  }

  every(ms: number, task: () => void): () => void {
    return this.#add(ms, task, ms)
  }

  after(ms: number, task: () => void): () => void {
    return this.#add(ms, task)
  }

  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }

  soon(task: () => void): void {
    setImmediate(task)
  }

  /** Lets `ms` pass: runs what falls due in its order, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await this.turn()
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#pass(Math.max(0, timer.due - this.#monotonic))
      this.#fire(timer)
      await this.turn()
    }
    this.#pass(end - this.#monotonic)
  }

  /** Changes the wall clock as an administrator would: no timer fires, the monotonic clock stays. */
  jumpWallClock(byMs: number): void {
    this.#now += byMs
  }

  /** How many timers and sleeps are pending. */
  get pending(): number {
    return this.#timers.size
  }

  #add(ms: number, task: () => void, repeatMs?: number): () => void {
    const timer: Timer = { due: this.#monotonic + ms, order: this.#order++, task, repeatMs }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.due <= end)
    return due.sort((a, b) => a.due - b.due || a.order - b.order)[0]
  }

  #fire(timer: Timer): void {
    if (timer.repeatMs === undefined) this.#timers.delete(timer)
    // An interval of zero would never let `advance` end.
    timer.due += Math.max(1, timer.repeatMs ?? 0)
    timer.task()
  }

  #pass(ms: number): void {
    this.#now += ms
    this.#monotonic += ms
  }
}
