import type { StateFiles } from '../config.ts'
import { type JournalLine, readJournal } from '../journal.ts'
import { Shop } from '../shop.ts'

/** What the outside world has to show for an order. */
export interface Tally {
  readonly charges: number
  readonly chargedCents: number
  readonly parcels: number
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
    const charges = this.paymentLog(order.id).filter((line) => line.event === 'charge')
    return {
      charges: charges.length,
      chargedCents: charges.reduce((sum, line) => sum + (line.params as { cents: number }).cents, 0),
      parcels: this.#of(this.#files.shipments, order.id).filter((line) => line.event === 'shipment').length,
      mails: this.#of(this.#files.outbox, order.id).length,
      onHand: this.#onHand(order.line.sku),
      modelAnswers: this.#of(this.#files.model, order.id).length,
    }
  }

  paymentLog(orderId: string): readonly JournalLine[] {
    return this.#of(this.#files.payments, orderId)
  }

  #of(path: string, orderId: string): readonly JournalLine[] {
    return readJournal(path).filter((line) => line.orderId === orderId)
  }

  #onHand(sku: string): number {
    const shop = new Shop(this.#files.shop)
    try {
      return shop.onHand(sku)
    } finally {
      shop.close()
    }
  }
}
