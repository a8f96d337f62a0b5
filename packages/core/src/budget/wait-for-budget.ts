import type { RunScope } from '../lane/run-scope.ts'
import type { Limited } from '../store/limit-records.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import { backoffDelay } from '../util/backoff.ts'
import { type Ticket, WaitingLines } from './waiting-lines.ts'

/** Waits for what stands in the way of one request for money, tokens or pace, as long as waiting may help. */
export class BudgetWait {
  readonly #run: RunScope
  readonly #options: Required<WaitOptions> | undefined
  readonly #signal: AbortSignal
  readonly #lines: WaitingLines
  readonly #since: number
  #ticket: Ticket | undefined
  #turns = 0

  /** `options`: undefined where the caller does not want to wait. */
  constructor(run: RunScope, options: Required<WaitOptions> | undefined, signal: AbortSignal) {
    this.#run = run
    this.#options = options?.onBusy === 'throw' ? undefined : options
    this.#signal = signal
    this.#lines = WaitingLines.of(run.context.store)
    this.#since = run.context.clock.monotonic()
  }

  /** Whether it would wait for that, and has time left. */
  helps({ what, waitingHelps, resetsAt }: Limited): boolean {
    if (this.#options === undefined || this.#left <= 0) return false
    if (what !== 'rate') return waitingHelps
    return resetsAt !== null && resetsAt - this.#run.context.clock.now() <= this.#left
  }

  /**
   * Waits until it is time to ask again; false if that does not help, or not in time. Whoever asks again first looks
   * whether the run is still open.
   */
  async turn(limited: Limited): Promise<boolean> {
    if (!this.helps(limited)) return false
    const ticket = this.#lineUp(limited.scope)
    const signal = AbortSignal.any([this.#signal, ticket.awake])
    await this.#run.context.clock.sleep(this.#delay(ticket, limited), signal).catch(() => undefined)
    ticket.rest()
    return true
  }

  /** Gives its place to the next, however it ended. `gotIt`: what was waited for is there. */
  end(gotIt: boolean): void {
    if (this.#ticket === undefined) return
    const { scope } = this.#ticket
    this.#lines.leave(this.#ticket)
    this.#ticket = undefined
    const waitedMs = this.#run.context.clock.monotonic() - this.#since
    this.#run.context.events.emit('budget-waited', { runId: this.#run.id, scope, waitedMs, gotIt })
  }

  #lineUp(scope: string): Ticket {
    if (this.#ticket?.scope === scope) return this.#ticket
    if (this.#ticket !== undefined) this.#lines.leave(this.#ticket)
    this.#ticket = this.#lines.join(scope)
    return this.#ticket
  }

  get #left(): number {
    const waited = this.#run.context.clock.monotonic() - this.#since
    return (this.#options?.timeoutMs ?? 0) - waited
  }

  /** Only the first of a line looks by itself, for what other processes settle; the others are woken when it is their turn. */
  #delay(ticket: Ticket, { what, resetsAt }: Limited): number {
    const { clock, random } = this.#run.context
    const left = this.#left
    if (this.#options === undefined || !this.#lines.isFirst(ticket)) return left
    const pause = what === 'rate' ? (resetsAt ?? 0) - clock.now() : backoffDelay(this.#options, this.#turns++, random)
    return Math.min(left, Math.max(1, pause))
  }
}
