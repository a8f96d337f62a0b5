import type { LedgerContext } from '../config/ledger-context.ts'
import type { RunRef } from '../store/records.ts'
import type { AppendEntries } from '../store/run-verbs.ts'

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
  #told = false

  constructor(run: Recorder) {
    this.#run = run
  }

  /** True while something is not on record yet. */
  get isOpen(): boolean {
    return this.#steps.length > 0 || this.#outcomes.length > 0
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

  /** Records what is left, as far as the store can be reached now. Never rejects. */
  async retry(): Promise<void> {
    if (!this.isOpen) return
    for (const outcome of this.#outcomes.splice(0)) await outcome().catch(() => this.#outcomes.push(outcome))
    const entries = this.entries()
    if (entries.length === 0) return
    const steps = this.#steps.splice(0)
    await this.#run.context.store
      .append({ run: this.#run.ref, entries, unprotected: true })
      .catch(() => this.#steps.unshift(...steps))
  }

  /** What happened without a record, as entries of the run's log. */
  entries(): AppendEntries['entries'] {
    return this.#steps.map(({ at, ...step }) => ({ kind: 'unprotected', effect: null, body: JSON.stringify(step), at }))
  }
}
