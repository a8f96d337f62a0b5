import { readFileSync } from 'node:fs'

/** An order as the file `orders.json` has it: one article, so that the timeline stays short. */
export interface Order {
  readonly id: string
  readonly customer: { readonly name: string; readonly email: string; readonly address: string }
  readonly card: string
  readonly line: {
    readonly sku: string
    readonly title: string
    readonly quantity: number
    readonly unitCents: number
  }
  readonly totalCents: number
}

const ORDERS_FILE = new URL('../orders.json', import.meta.url)

/** Reads the file anew each time, as a body of a read should. */
export function readOrder(id: string): Order {
  const orders = JSON.parse(readFileSync(ORDERS_FILE, 'utf8')) as readonly Order[]
  const order = orders.find((candidate) => candidate.id === id)
  if (order === undefined) throw new Error(`There is no order ${id}.`)
  return order
}
