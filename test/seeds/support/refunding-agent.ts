import { join } from 'node:path'
import { createLedger, sqlite } from 'holdfast'
import { reach } from '../../crash/support/crash-plan.ts'
import { refundTool } from './refunds.ts'

/** The process that is killed on its way to a refund; `how` it goes that way. */
const [folder = '', how = ''] = process.argv.slice(2)
const ledger = createLedger({ store: sqlite(join(folder, 'ledger.db')), wait: { maxMs: 50 } })
const ORDER = { order: 1, cents: 2_500 }
const id = { id: 'turn-1' }

const ways: Record<string, () => Promise<unknown>> = {
  /** Begins by hand what nobody has to approve as yet, and dies before it could have a human asked. */
  'begin by hand': () =>
    ledger.run(id, async (run) => {
      await run.begin(refundTool(folder, { approval: false }), ORDER)
      reach('begun')
    }),
  /** The tool needed no approval then. */
  'without a policy': () => ledger.run(id, () => refundTool(folder, { approval: false })(ORDER)),
  'with a policy': () => ledger.run(id, () => refundTool(folder)(ORDER)),
  /** Waits in place for the decision. */
  blocking: () => ledger.run(id, () => refundTool(folder, { approval: { block: true } })(ORDER)),
}

ledger.on('approval-requested', () => process.send?.('asked'))
await ways[how]?.().catch(() => undefined)
process.disconnect?.()
