import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLedger, sqlite, tool } from 'holdfast'

/** Charges, and is killed while it ships. What its tools did is in the log beside the ledger. */
const [folder = ''] = process.argv.slice(2)
const log = (line: string) => appendFileSync(join(folder, 'log'), `${line}\n`)

const charge = tool({
  name: 'charge',
  execute: ({ cents }: { cents: number }) => {
    log(`charge ${cents}`)
    return { id: 'ch_1', cents }
  },
})
const ship = tool({
  name: 'ship',
  execute: ({ charge }: { charge: string }) => {
    log(`ship ${charge}`)
    process.kill(process.pid, 'SIGKILL')
  },
})

const ledger = createLedger({ store: sqlite(join(folder, 'ledger.db')) })
await ledger.run({ id: 'order-1' }, async () => {
  const { id } = await charge({ cents: 2_500 })
  await ship({ charge: id })
})
