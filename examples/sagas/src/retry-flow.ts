import { createLedger, memory, saga } from 'holdfast'
import { openShop } from './shop.ts'

const { pay, ship, sendMail } = openShop({ carrierFails: 2 })
const order = saga<string>('order')
  .step('payment', pay, (id) => ({ order: id, cents: 15_000 }))
  // Its tool says retry.scope 'tool', so that it may be missing afterwards; the type says so too.
  .step('mail', sendMail, () => ({ to: 'ann' }), { optional: true })
  .step('shipping', ship, () => ({ address: 'Seoul' }))

const results = await order.execute('ORD-3', { ledger: createLedger({ store: memory() }) })
console.log(`shipped as ${results.shipping.tracking}; mail: ${results.mail ?? 'not sent'}`)
