import { createLedger, currentRun, type Ledger, memory, type Run, sqlite, tool } from 'holdfast'

const chargeCard = tool({
  name: 'charge-card',
  execute: async (args: { cents: number }, { idempotencyKey }) => ({ id: idempotencyKey, cents: args.cents }),
})

const ledger: Ledger = createLedger({ store: process.argv[2] ? sqlite(process.argv[2]) : memory() })

export const charge: { id: string; cents: number } = await ledger.run({ id: 'order-42' }, async (run: Run) => {
  const current: Run = currentRun()
  if (current.id !== run.id) throw new Error('another run')
  return chargeCard({ cents: 2_500 })
})
