import type { Store } from '../store/store.ts'
import { sharedState } from '../util/shared-state.ts'

/** One place in a line. */
export class Ticket {
  readonly scope: string
  #wake = new AbortController()

  constructor(scope: string) {
    this.scope = scope
  }

  /** Aborted when it is time to look again; what was told since the last look counts too. */
  get awake(): AbortSignal {
    return this.#wake.signal
  }

  wake(): void {
    this.#wake.abort()
  }

  /** From here on only what is told later wakes it. */
  rest(): void {
    if (this.#wake.signal.aborted) this.#wake = new AbortController()
  }
}

/**
 * Who of this process waits until a scope has room again, in the order in which they began to: only the first of a line
 * looks, so that a small request behind a large one does not take away what that one waits for.
 */
export class WaitingLines {
  readonly #lines = new Map<string, Ticket[]>()

  /** Those of a store, shared by all who use it in this process. */
  static of(store: Store): WaitingLines {
    const all = sharedState('waiting-lines', () => new WeakMap<object, WaitingLines>())
    const lines = all.get(store.identity) ?? new WaitingLines()
    all.set(store.identity, lines)
    return lines
  }

  join(scope: string): Ticket {
    const ticket = new Ticket(scope)
    const line = this.#lines.get(scope)
    if (line === undefined) this.#lines.set(scope, [ticket])
    else line.push(ticket)
    return ticket
  }

  isFirst(ticket: Ticket): boolean {
    return this.#lines.get(ticket.scope)?.[0] === ticket
  }

  leave(ticket: Ticket): void {
    const left = this.#lines.get(ticket.scope)?.filter((other) => other !== ticket) ?? []
    if (left.length === 0) this.#lines.delete(ticket.scope)
    else this.#lines.set(ticket.scope, left)
    left[0]?.wake()
  }

  /** There may be room again: a hold of this process was settled, or a limit was changed. */
  roomAgain(): void {
    for (const [first] of this.#lines.values()) first?.wake()
  }
}
