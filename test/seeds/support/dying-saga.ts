import { join } from 'node:path'
import { createLedger, saga, sqlite } from 'holdfast'
import { noteIn, shopTools } from './shop.ts'

/** Checks out, and is killed at the point that it is given. */
const [folder = '', dieAt = ''] = process.argv.slice(2)
const { pay, stock, ship } = shopTools(noteIn(join(folder, 'log')), (point) => {
  if (point === dieAt) process.kill(process.pid, 'SIGKILL')
})

const ledger = createLedger({ store: sqlite(join(folder, 'ledger.db')) })
await saga<void>('checkout')
  .parallel((group) => group.step('pay', pay, () => ({ order: '1' })).step('stock', stock, () => ({ item: 'A' })))
  .step('ship', ship, () => ({ address: 'Seoul' }))
  .execute(undefined, { ledger, id: 'checkout-1' })
  // Only where it is not killed; then it exits with 0, which the test refuses.
  .catch(() => undefined)
