import { createLedger, memory, saga } from 'holdfast'
import { openShop } from './shop.ts'

interface Order {
  readonly id: string
  readonly item: string
  readonly address: string
}

const { pay, takeStock, ship } = openShop()
const checkout = saga<Order>('checkout')
  .parallel((group) =>
    group
      .step('payment', pay, (order) => ({ order: order.id, cents: 15_000 }))
      .step('stock', takeStock, (order) => ({ item: order.item, count: 2 })),
  )
  .step('shipping', ship, (order, done) => ({ address: order.address, paidBy: done.payment.transaction }))

const ledger = createLedger({ store: memory() })
const order: Order = { id: 'ORD-2', item: 'ITEM-A', address: 'Seoul' }

// A run that fails later undoes the whole checkout: shipping first, then payment and stock together.
const failed = ledger.run({ id: order.id }, async () => {
  const { shipping } = await checkout.execute(order)
  throw new Error(`the customer called: stop ${shipping.tracking}`)
})
await failed.catch((error: Error) => console.log(`failed: ${error.message}`))
