import holdfast = require('holdfast')

const ledger: holdfast.Ledger = holdfast.createLedger({ store: holdfast.memory() })
const double = holdfast.tool({ name: 'double', execute: (args: { value: number }) => args.value * 2 })

export const doubled: Promise<number> = ledger.run({ id: 'consumer' }, () => double({ value: 21 }))
