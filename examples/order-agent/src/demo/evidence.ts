import type { StateFiles } from '../config.ts'
import { type JournalLine, readJournal } from '../journal.ts'
import { type Move, Shop } from '../shop.ts'

/** What the outside world has to show for an order. */
export interface Tally {
  readonly charges: number
  readonly chargedCents: number
  readonly refunds: number
  readonly refundedCents: number
  readonly parcels: number
  readonly recalls: number
  readonly mails: number
  readonly onHand: number
  readonly modelAnswers: number
}

/** Asks the outside world what happened: its own logs and database, never the ledger. */
export class Evidence {
  readonly #files: StateFiles

  constructor(files: StateFiles) {
    this.#files = files
  }

  tally(order: { readonly id: string; readonly line: { readonly sku: string } }): Tally {
    const charges = this.#deeds(this.#files.payments, order.id, 'charge')
    const refunds = this.#deeds(this.#files.payments, order.id, 'refund')
    return {
      charges: charges.length,
      chargedCents: centsOf(charges),
      refunds: refunds.length,
      refundedCents: centsOf(refunds),
      parcels: this.#deeds(this.#files.shipments, order.id, 'shipment').length,
      recalls: this.#deeds(this.#files.shipments, order.id, 'recall').length,
      mails: this.#of(this.#files.outbox, order.id).length,
      onHand: this.#inShop((shop) => shop.onHand(order.line.sku)),
      modelAnswers: this.modelLog(order.id).length,
    }
  }

  paymentLog(orderId: string): readonly JournalLine[] {
    return this.#of(this.#files.payments, orderId)
  }

  /** The requests about an order that the model on this machine was sent. */
  modelLog(orderId: string): readonly JournalLine[] {
    return this.#of(this.#files.model, orderId)
  }

  /** How often the carrier was asked where the parcel of an order is. */
  tracked(orderId: string): number {
    return this.#deeds(this.#files.shipments, orderId, 'tracked').length
  }

  /** What was undone of an order, in the order of the clocks outside. */
  undone(orderId: string): readonly string[] {
    const recalls = this.#deeds(this.#files.shipments, orderId, 'recall')
    const refunds = this.#deeds(this.#files.payments, orderId, 'refund')
    const back = this.stockMoves(orderId).filter(({ change }) => change > 0)
    const deeds = [...recalls, ...refunds, ...back.map(({ at }) => ({ event: 'stock put back', at }))]
    return deeds.toSorted((one, other) => Date.parse(String(one.at)) - Date.parse(String(other.at))).map(nameOf)
  }

  stockMoves(orderId: string): readonly Move[] {
    return this.#inShop((shop) => shop.moves(orderId))
  }

  #deeds(path: string, orderId: string, event: string): readonly JournalLine[] {
    return this.#of(path, orderId).filter((line) => line.event === event)
  }

  #of(path: string, orderId: string): readonly JournalLine[] {
    return readJournal(path).filter((line) => line.orderId === orderId)
  }

  #inShop<T>(look: (shop: Shop) => T): T {
    const shop = new Shop(this.#files.shop)
    try {
      return look(shop)
    } finally {
      shop.close()
    }
  }
}

function centsOf(deeds: readonly JournalLine[]): number {
  return deeds.reduce((sum, line) => sum + (line.params as { readonly cents: number }).cents, 0)
}

function nameOf(line: JournalLine): string {
  return String(line.event)
}
