/** Time, and everything that waits for it; injected, so that tests decide what time it is. */
export interface Clock {
  /** Epoch milliseconds, a whole number. */
  now(): number
  /** Milliseconds of the host's monotonic clock: no wall clock change moves it, and all processes of one boot share it. */
  monotonic(): number
  /** Resolves after `ms`; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Repeats without keeping the process alive; returns what stops it. */
  every(ms: number, task: () => void): () => void
  /** Runs once, without keeping the process alive; returns what stops it. */
  after(ms: number, task: () => void): () => void
  /** Resolves in the event loop's next turn, when I/O has had its chance. */
  turn(): Promise<void>
  /** Runs in the event loop's next turn. */
  soon(task: () => void): void
}

// Node fires a timer beyond this at once instead of late.
const MAX_TIMER_MS = 2 ** 31 - 1

/** The clock of this host. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic() {
    const [seconds, nanoseconds] = process.hrtime()
    return seconds * 1e3 + nanoseconds / 1e6
  },
  sleep,
  every(ms: number, task: () => void) {
    const timer = setInterval(task, capped(ms)).unref()
    return () => clearInterval(timer)
  },
  after(ms: number, task: () => void) {
    const timer = setTimeout(task, capped(ms)).unref()
    return () => clearTimeout(timer)
  },
  turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
  soon(task: () => void) {
    setImmediate(task)
  },
})

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const wake = () => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    }
    // Kept referenced: a process that only waits for its next attempt must not exit in the middle of it.
    const timer = setTimeout(wake, capped(ms))
    const giveUp = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', giveUp, { once: true })
  })
}

function capped(ms: number): number {
  return Math.min(ms, MAX_TIMER_MS)
}
