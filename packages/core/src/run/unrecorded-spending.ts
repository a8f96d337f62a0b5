import type { LedgerContext } from '../config/ledger-context.ts'
import { serializeError } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { UnrecordedCost } from '../lane/run-scope.ts'
import type { HoldTerms } from '../store/limit-records.ts'
import type { OpenHold } from '../store/money-verbs.ts'
import type { RunRef } from '../store/records.ts'
import type { Store } from '../store/store.ts'

/** What was spent while the store was out of reach, until it counts in all scopes of its run. */
export class UnrecordedSpending {
  readonly #pending: UnrecordedCost[] = []
  /** Their holds, null as long as they have none: what is said later of the same terms corrects what was said before. */
  readonly #holds = new WeakMap<HoldTerms, number | null>()

  get isOpen(): boolean {
    return this.#pending.length > 0
  }

  add(cost: UnrecordedCost): void {
    const { hold } = cost
    if (!isAnything(cost) && !this.#holds.has(hold)) return
    this.#holds.set(hold, this.#holds.get(hold) ?? null)
    this.#pending.push(cost)
  }

  /** Counts each once, in full, whatever the limits say. False if the store is out of reach again: the rest stays. */
  async record({ store, events }: LedgerContext, runId: string, run: RunRef): Promise<boolean> {
    for (let [next] = this.#pending; next !== undefined; [next] = this.#pending) {
      try {
        await this.#settle(store, run, next)
      } catch (error) {
        if (StoreUnavailableError.isInstance(error)) return false
        const reason = `it was made while the store was out of reach, and cannot be added: ${serializeError(error).message}`
        events.emit('settlement-failed', { runId, model: next.label, reason })
      }
      this.#pending.shift()
    }
    return true
  }

  async #settle(store: Store, run: RunRef, { label, hold: terms, cost, usage, at }: UnrecordedCost): Promise<void> {
    const known = this.#holds.get(terms)
    const hold = known ?? (await opened(store, { run, label, hold: terms, afterwards: true, at }))
    this.#holds.set(terms, hold)
    await store.settleHold({ hold, cost, usage, at })
  }
}

function isAnything({ cost }: UnrecordedCost): boolean {
  return cost.kind !== 'released' || cost.sent
}

async function opened(store: Store, open: OpenHold): Promise<number> {
  const answer = await store.openHold(open)
  if (answer.kind === 'held') return answer.hold
  throw new Error(`What ${open.label} cost was refused: ${answer.kind}`)
}
