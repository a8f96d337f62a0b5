import { createHash } from 'node:crypto'

/** What a tool is asked to do: nested, about 970 bytes as JSON, its keys in the order in which a person writes them. */
export interface Order {
  readonly orderId: string
  readonly [part: string]: unknown
}

export function orderOf(id: string): Order {
  return {
    orderId: id,
    customer: {
      id: 'customer-20417',
      name: 'Ada Lindqvist',
      email: 'ada.lindqvist@example.com',
      address: { street: '12 Harbour Row', city: 'Gothenburg', postalCode: '411 04', country: 'SE' },
    },
    payment: { currency: 'EUR', cents: 18_990, method: { kind: 'card', token: 'tok_4fj29dk20fkw', last4: '4242' } },
    lines: [
      lineOf('lamp-brass-30', 'Brass desk lamp, 30 cm', 1, 7_990),
      lineOf('bulb-e14-warm', 'Warm white bulb, E14, pack of two', 3, 1_500),
      lineOf('shade-linen-20', 'Linen lamp shade, 20 cm, natural', 2, 3_250),
    ],
    shipping: {
      carrier: 'postnord',
      service: 'home',
      window: { from: '2026-11-23', to: '2026-11-25' },
      signature: true,
    },
    notes: 'Leave it with the neighbour at number 14; the bell does not work.',
    tags: ['gift', 'returning-customer', 'newsletter'],
  }
}

function lineOf(sku: string, title: string, quantity: number, cents: number): object {
  return { sku, title, quantity, cents, taxRate: 0.25, options: { wrapped: false } }
}

/** What a tool answers. */
export function receiptOf(order: Order): { readonly chargeId: string; readonly status: string } {
  return { chargeId: `ch_${order.orderId}`, status: 'succeeded' }
}

/** The key that someone without a ledger would use: as long as ours, and spread like ours. */
export function rawKey(id: string): Buffer {
  return createHash('sha256').update(id).digest()
}
