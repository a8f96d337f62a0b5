import type { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { RunCanceledError } from '../errors/run-canceled-error.ts'
import type { RunStatus } from '../store/records.ts'
import type { RunSignal } from './run-signal.ts'

/** A run below, which hears what stops the one above it. */
export interface Below {
  parkedAbove(error: ApprovalRequiredError): void
  stopBecause(error: Error): void
  abort(reason: unknown): void
}

/** What stops a run for good, or until a human has decided, and those below it with it. */
export class RunStop {
  readonly #signal: RunSignal
  readonly #below = new Set<Below>()
  #error: Error | undefined
  #question: ApprovalRequiredError | undefined

  constructor(signal: RunSignal) {
    this.#signal = signal
  }

  get error(): Error | undefined {
    return this.#error ?? this.#question
  }

  /** Nothing but a question to a human is in the way. */
  get isParked(): boolean {
    return this.#error === undefined && this.#question !== undefined
  }

  /** The first reason stays; a question to a human gives way to it. What comes later may still end what the first allows. */
  because(error: Error): Error {
    this.#error ??= error
    this.#signal.stop(this.#error, isSpent(error))
    for (const run of this.#below) run.stopBecause(error)
    return this.#error
  }

  /** The same. False where something else had stopped it before. */
  stopFirst(error: Error): boolean {
    const isFirst = this.#error === undefined
    this.because(error)
    return isFirst
  }

  park(error: ApprovalRequiredError): void {
    if (this.error !== undefined) return
    this.#question = error
    // Calls that are in flight may end, as bodies may: they are paid for, and bodies would be in doubt without them.
    this.#signal.stop(error, true)
    this.parkBelow(error)
  }

  parkBelow(error: ApprovalRequiredError): void {
    for (const run of this.#below) run.parkedAbove(error)
  }

  /** `outright`: nobody waits for a human's word on what is to be undone. */
  abort(reason: unknown, outright: boolean): void {
    const gaveUpWaiting = outright && this.isParked
    if (gaveUpWaiting) this.#question = undefined
    this.#signal.abortByCaller(reason, gaveUpWaiting)
    for (const run of this.#below) run.abort(reason)
  }

  /** From now on it hears what stops this run; what has stopped it already, it hears at once. */
  adopt(run: Below): void {
    this.#below.add(run)
    if (this.#error !== undefined) run.stopBecause(this.#error)
    else if (this.#signal.isAborted) run.abort(this.#signal.reason)
    else if (this.#question !== undefined) run.parkedAbove(this.#question)
  }

  release(run: Below): void {
    this.#below.delete(run)
  }
}

/** A limit on what may be spent stops the run: it may still say goodbye, as far as there is something kept back for it. */
function isSpent(stop: Error | undefined): boolean {
  if (BudgetExceededError.isInstance(stop)) return true
  return LimitExceededError.isInstance(stop) && (stop.what === 'tokens' || stop.what === 'calls')
}

/** What stops a run that somebody else has now. */
export function takenAs(status: RunStatus, runId: string): LeaseLostError | RunCanceledError {
  return status === 'canceled' ? new RunCanceledError({ runId }) : new LeaseLostError({ runId })
}
