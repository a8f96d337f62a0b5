const { createLedger, memory, tool } = require('holdfast')

async function main() {
  const ledger = createLedger({ store: memory() })
  const double = tool({ name: 'double', execute: (args) => args.value * 2 })
  const output = await ledger.run({ id: 'consumer' }, () => double({ value: 21 }))
  await ledger.close()
  process.stdout.write(JSON.stringify({ output }))
}

main()
