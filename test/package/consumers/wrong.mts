import { createLedger, memory, tool } from 'holdfast'

const double = tool({ name: 'double', execute: (args: { value: number }) => args.value * 2 })
const ledger = createLedger({ store: memory() })

export const text: string = await ledger.run({ id: 'consumer' }, () => double({ value: 'no number' }))
