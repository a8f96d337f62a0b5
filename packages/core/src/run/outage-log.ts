import type { LedgerContext } from '../config/ledger-context.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { UnrecordedCost } from '../lane/run-scope.ts'
import type { RunRef } from '../store/records.ts'
import type { AppendEntries } from '../store/run-verbs.ts'
import { UnrecordedSpending } from './unrecorded-spending.ts'

interface Step {
  readonly kind: 'effect' | 'read' | 'call'
  readonly name: string
  readonly failed: boolean
}

interface Recorder {
  readonly id: string
  readonly ref: RunRef
  readonly context: LedgerContext
}

/** What happened while the store was out of reach, until it is on record. */
export class OutageLog {
  readonly #run: Recorder
  readonly #steps: (Step & { readonly at: number })[] = []
  readonly #outcomes: (() => Promise<void>)[] = []
  readonly spending: UnrecordedSpending = new UnrecordedSpending()
  #end: (() => Promise<void>) | undefined
  #record: (() => Promise<void>) | undefined
  #retrying: Promise<void> | undefined
  #told = false

  constructor(run: Recorder) {
    this.#run = run
  }

  /** True while something is not on record yet. */
  get isOpen(): boolean {
    const isRetrying = this.#retrying !== undefined
    const isLeft = this.#steps.length > 0 || this.#outcomes.length > 0 || this.spending.isOpen
    return isRetrying || isLeft || this.#end !== undefined
  }

  /** A step that went on without the ledger: said at once, recorded when the store is back. */
  add(step: Step, cause: Error): void {
    const { id, context } = this.#run
    const what = `${step.kind} ${step.name}`
    this.#steps.push({ ...step, at: context.clock.now() })
    context.events.emit('outage', { operation: what, error: cause })
    context.events.emit('unprotected', { runId: id, what })
    if (this.#told || context.events.hasListeners('outage')) return
    this.#told = true
    process.emitWarning(
      `The ledger's store is out of reach, and run '${id}' goes on unprotected (${what}): ${cause.message}`,
      {
        type: 'HoldfastWarning',
        code: 'HOLDFAST_OUTAGE',
      },
    )
  }

  /** An outcome that could not be recorded. */
  keep(retry: () => Promise<void>): void {
    this.#outcomes.push(retry)
  }

  /** How what comes in later is recorded, of a run that had no record and has ended: it is no stream to retry in. */
  recordBy(record: () => Promise<void>): void {
    this.#record = record
  }

  /** What something cost without a record. `now`: nobody comes back to it later. */
  spend(cost: UnrecordedCost, now: boolean): void {
    this.spending.add(cost)
    if (this.#record !== undefined) return void this.#record().catch(() => undefined)
    // Twice: a retry that is under way may have passed it.
    if (now) void this.retry().then(() => this.retry())
  }

  /** The end of the run, which could not be recorded: comes after all else that is left. */
  keepEnd(retry: () => Promise<void>): void {
    this.#end = retry
  }

  /** Records what is left, as far as the store can be reached now. Never rejects. */
  async retry(): Promise<void> {
    if (!this.isOpen) return
    this.#retrying ??= this.#retryAll().finally(() => {
      this.#retrying = undefined
    })
    await this.#retrying
  }

  async #retryAll(): Promise<void> {
    // In the order in which it happened, as far as the store allows: what is out of reach again stops the rest.
    const { id, ref, context } = this.#run
    const isDone = (await this.#retryOutcomes()) && (await this.spending.record(context, id, ref))
    if (!isDone || !(await this.#retrySteps()) || this.#end === undefined) return
    const end = this.#end
    this.#end = undefined
    await end().catch(() => this.keepEnd(end))
  }

  async #retryOutcomes(): Promise<boolean> {
    const outcomes = this.#outcomes.splice(0)
    for (const [index, outcome] of outcomes.entries()) {
      try {
        await outcome()
      } catch (error) {
        this.#outcomes.push(outcome)
        if (!StoreUnavailableError.isInstance(error)) continue
        this.#outcomes.push(...outcomes.slice(index + 1))
        return false
      }
    }
    return true
  }

  async #retrySteps(): Promise<boolean> {
    const entries = this.entries()
    if (entries.length === 0) return true
    const steps = this.#steps.splice(0)
    try {
      await this.#run.context.store.append({ run: this.#run.ref, entries, unprotected: true })
      return true
    } catch {
      this.#steps.unshift(...steps)
      return false
    }
  }

  /** What happened without a record, as entries of the run's log. */
  entries(): AppendEntries['entries'] {
    return this.#steps.map(({ at, ...step }) => ({ kind: 'unprotected', effect: null, body: JSON.stringify(step), at }))
  }
}
