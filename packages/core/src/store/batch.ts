import { ConfigError } from '../errors/config-error.ts'
import type { Clock } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { BatchEngine, BatchLimits, Verb } from './batch-engine.ts'

interface Job {
  readonly verb: Verb<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
  /** Whether it has shared a transaction that was lost: from then on it runs alone. */
  isolated: boolean
  retries: number
  busySince: number | undefined
}

const BUSY_PAUSE = { minMs: 10, spreadMs: 90 }

/**
 * The combiner: verbs that are issued together share one transaction and one sync to disk.
 *
 * A verb runs at once, synchronously, when it is alone; else in the next turn of the event loop together with
 * whatever else has come. Each has its own savepoint, so that one that fails takes no other with it, and is
 * answered after COMMIT only. If the engine throws the whole transaction away, every verb runs again, alone and
 * in order. While the engine is busy the queue waits, and the event loop does not.
 */
export class Combiner {
  readonly #engine: BatchEngine
  readonly #clock: Clock
  readonly #random: Random
  readonly #limits: BatchLimits
  #queue: Job[] = []
  #callers = 0
  #scheduled = false
  #paused = false
  #inside = false
  #idle: (() => void)[] = []
  #counts = { batches: 0, verbs: 0 }

  constructor(engine: BatchEngine, clock: Clock, random: Random, limits: BatchLimits) {
    this.#engine = engine
    this.#clock = clock
    this.#random = random
    this.#limits = limits
  }

  /** Transactions and the verbs in them so far. */
  get counts(): { readonly batches: number; readonly verbs: number } {
    return { ...this.#counts }
  }

  /** Counts a caller in flight, so that a verb knows whether waiting for company is worth it. */
  enter(): () => void {
    this.#callers++
    let left = false
    return () => {
      if (!left) this.#callers--
      left = true
    }
  }

  submit<T>(verb: Verb<T>): Promise<T> {
    if (this.#inside) return Promise.reject(insideCommit(verb.operation))
    return new Promise<T>((resolve, reject) => {
      const job: Job = {
        verb,
        resolve: resolve as (value: unknown) => void,
        reject,
        isolated: false,
        retries: 0,
        busySince: undefined,
      }
      const isLone = this.#queue.length === 0 && this.#callers <= 1 && !this.#paused
      this.#queue.push(job)
      if (isLone) this.#flush()
      else this.#schedule()
    })
  }

  /** Runs a read outside of transactions, waiting like a verb while the engine is busy. */
  async read<T>(operation: string, retries: Verb<T>['retries'], run: () => T): Promise<T> {
    if (this.#inside) throw insideCommit(operation)
    const since = this.#clock.monotonic()
    for (let retried = 0; ; ) {
      try {
        return this.#enclosed(run)
      } catch (error) {
        const verdict = this.#engine.judge(error)
        const hasTime = verdict === 'busy' && this.#clock.monotonic() - since < this.#limits.busyMs
        const mayRetry = verdict === 'outage' && retried < retries.attempts
        if (!hasTime && !mayRetry) throw this.#engine.explain(error, operation, retried)
        await this.#clock.sleep(hasTime ? this.#busyPause() : outagePause(retries.initialMs, retried++))
      }
    }
  }

  /** Resolves when nothing is queued. */
  async idle(): Promise<void> {
    if (this.#queue.length === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled || this.#paused) return
    this.#scheduled = true
    this.#clock.soon(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** Runs one batch; what is left waits for the next turn, so that a long queue does not freeze the event loop. */
  #flush(): void {
    if (this.#queue.length > 0 && !this.#paused) {
      const batch = this.#take()
      const pauseMs = batch.length === 1 ? this.#runAlone(batch[0] as Job) : this.#runTogether(batch)
      if (pauseMs !== undefined) this.#pause(pauseMs)
    }
    if (this.#queue.length > 0) this.#schedule()
    else for (const done of this.#idle.splice(0)) done()
  }

  #pause(ms: number): void {
    this.#paused = true
    const resume = () => {
      this.#paused = false
      this.#flush()
    }
    this.#clock.sleep(ms).then(resume, resume)
  }

  /** The longest prefix of the queue that may share a transaction. */
  #take(): Job[] {
    let bytes = 0
    let count = 0
    for (const { verb, isolated } of this.#queue) {
      const mustBeAlone = verb.alone || isolated
      if (count > 0 && (mustBeAlone || count >= this.#limits.maxVerbs || bytes + verb.bytes > this.#limits.maxBytes))
        break
      bytes += verb.bytes
      count++
      if (mustBeAlone) break
    }
    return this.#queue.splice(0, count)
  }

  /** Answers the verb, or puts it back and returns how long to pause. */
  #runAlone(job: Job): number | undefined {
    try {
      const answer = this.#enclosed(() => this.#transaction(job.verb.level, job.verb.run))
      this.#count(1)
      job.resolve(answer)
      return undefined
    } catch (error) {
      return this.#failed([job], error)
    }
  }

  #runTogether(batch: Job[]): number | undefined {
    const level = Math.max(...batch.map((job) => job.verb.level))
    let began = false
    try {
      const answers = this.#enclosed(() =>
        this.#transaction(level, () => {
          began = true
          return batch.map((job) => this.#inSavepoint(job))
        }),
      )
      this.#count(batch.length)
      for (const answer of answers) answer()
      return undefined
    } catch (error) {
      if (!began) return this.#failed(batch, error)
      // The whole transaction is gone: only the verbs whose own transaction fails may be told so.
      for (const job of batch) job.isolated = true
      this.#queue.unshift(...batch)
      return undefined
    }
  }

  /** Runs one verb of a batch and returns how to answer it once the batch is committed. */
  #inSavepoint(job: Job): () => void {
    this.#engine.savepoint()
    try {
      const answer = job.verb.run()
      this.#engine.release()
      return () => job.resolve(answer)
    } catch (error) {
      // An outage is no verb's own fault: it runs again. Where the transaction is gone, this throws as well.
      if (this.#engine.judge(error) !== 'failure') throw error
      this.#engine.rollbackToSavepoint()
      const reason = this.#engine.explain(error, job.verb.operation, 0)
      return () => job.reject(reason)
    }
  }

  #transaction<T>(level: number, work: () => T): T {
    this.#engine.ready()
    this.#engine.begin(level)
    try {
      const answer = work()
      this.#engine.commit()
      return answer
    } catch (error) {
      this.#engine.rollback()
      throw error
    }
  }

  #enclosed<T>(work: () => T): T {
    this.#inside = true
    try {
      return work()
    } finally {
      this.#inside = false
    }
  }

  /** Puts back what may still succeed, in order, and returns how long to pause before it runs again. */
  #failed(jobs: Job[], error: unknown): number | undefined {
    const verdict = this.#engine.judge(error)
    const [first] = jobs as [Job]
    if (verdict === 'busy') return this.#waitForLock(jobs, error)
    if (verdict === 'outage' && first.retries < first.verb.retries.attempts) {
      this.#queue.unshift(...jobs)
      // Whoever waits behind it waits for the same disk: each pause counts for all, so that they do not add up.
      for (const job of this.#queue) job.retries++
      return outagePause(first.verb.retries.initialMs, first.retries - 1)
    }
    for (const job of jobs) job.reject(this.#engine.explain(error, job.verb.operation, job.retries))
    return undefined
  }

  #waitForLock(jobs: Job[], error: unknown): number | undefined {
    const now = this.#clock.monotonic()
    const waiting: Job[] = []
    for (const job of [...jobs, ...this.#queue]) {
      job.busySince ??= now
      if (now - job.busySince < this.#limits.busyMs) waiting.push(job)
      else job.reject(this.#engine.explain(error, job.verb.operation, job.retries))
    }
    this.#queue = waiting
    return waiting.length === 0 ? undefined : this.#busyPause()
  }

  #busyPause(): number {
    return BUSY_PAUSE.minMs + BUSY_PAUSE.spreadMs * this.#random()
  }

  #count(verbs: number): void {
    this.#counts.batches++
    this.#counts.verbs += verbs
  }
}

function outagePause(initialMs: number, retried: number): number {
  return initialMs * 2 ** retried
}

/** Only user code that a verb calls can get here: its own transaction would wait for itself. */
function insideCommit(operation: string): ConfigError {
  return new ConfigError(
    `The ledger was used (${operation}) inside a tool's commit callback, which holds its transaction; nothing was recorded. ` +
      'Write your own rows with the transaction that commit is given, and use the ledger before or after.',
  )
}
