import { join } from 'node:path'
import { createLedger, sqlite } from 'holdfast'
import { noteIn, shopTools } from './shop.ts'

/** An agent without a saga: it pays and takes from the stock, and fails. It is killed at its crash point. */
const [folder = ''] = process.argv.slice(2)
const { pay, stock } = shopTools(noteIn(join(folder, 'log')))
const ledger = createLedger({ store: sqlite(join(folder, 'ledger.db')), tools: [pay, stock] })
await ledger
  .run({ id: 'order-1' }, async () => {
    await pay({ order: '1' })
    await stock({ item: 'A' })
    throw new Error('the agent gave up')
  })
  .catch(() => undefined)
process.disconnect?.()
