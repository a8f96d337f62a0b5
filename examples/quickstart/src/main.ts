import { createLedger, sqlite, tool } from 'holdfast'

const ledger = createLedger({ store: sqlite('.holdfast/quickstart.db') })
const chargeCard = tool({
  name: 'charge-card',
  execute: ({ cents }: { cents: number }, { idempotencyKey }) => console.log(`charging ${cents}: ${idempotencyKey}`),
})
const order = () => ledger.run({ id: 'order-42' }, () => chargeCard({ cents: 2_500 }))
await order()
await order() // answered from the record: the card is charged once, whoever asks again
