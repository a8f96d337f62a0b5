import { saga } from '../saga.ts'
import type { Outside } from './outside.ts'

export const of = (what: string) => () => ({ of: what })

/** Pays and takes from stock together, then ships. */
export function checkout(outside: Outside, ship = outside.deed('ship')) {
  return saga<{ order: string }>('checkout')
    .parallel((group) =>
      group
        .step('payment', outside.deed('pay'), ({ order }) => ({ of: order }))
        .step('stock', outside.deed('stock'), ({ order }) => ({ of: order })),
    )
    .step('shipping', ship, (_, done) => ({ of: done.payment.id }))
}
