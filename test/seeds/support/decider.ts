import { join } from 'node:path'
import { createLedger, sqlite } from 'holdfast'
import { reach } from '../../crash/support/crash-plan.ts'
import type { Order } from './children.ts'

/** Decides what it is told to, and tells what the ledger said to that. */
const [folder = ''] = process.argv.slice(2)
const ledger = createLedger({ store: sqlite(join(folder, 'ledger.db')) })

function decide({ decision, key, options }: Order): Promise<boolean> {
  return decision === 'cancel-run' ? ledger.runs.cancel(key) : ledger.approvals[decision](key, options)
}

// Before its caller hears of it.
ledger.on('approval-decided', () => reach('decided'))
process.on('message', async (order: Order) => process.send?.(await decide(order)))
// It lives as long as somebody may tell it something.
process.channel?.ref()
await ledger.migrate()
process.send?.('ready')
