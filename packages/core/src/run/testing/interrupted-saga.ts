import { appendFileSync } from 'node:fs'
import { createLedger } from '../../ledger.ts'
import { saga } from '../../saga/saga.ts'
import { memory } from '../../store/sqlite/sqlite.ts'
import { tool } from '../callable-tool.ts'
import { interruptSignal } from '../interrupt-signal.ts'

const [log = ''] = process.argv.slice(2)
const note = (line: string) => appendFileSync(log, `${line}\n`)

const pay = tool({ name: 'pay', execute: () => note('pay'), compensate: () => note('undo pay') })
const ship = tool({
  name: 'ship',
  execute: (_: undefined, { signal }) => {
    const told = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    process.stdout.write('shipping\n')
    return told.then(() => note('told to stop'))
  },
  compensate: () => note('undo ship'),
})
const mail = tool({ name: 'mail', execute: () => note('mail'), compensate: () => note('undo mail') })

/** The program of a user: pays, ships until somebody presses Ctrl-C, and would then send a mail. */
async function main(): Promise<void> {
  // Nothing else keeps it alive.
  const alive = setInterval(() => undefined, 1_000)
  using interrupt = interruptSignal()
  const ledger = createLedger({ store: memory() })
  const checkout = saga<void>('checkout')
    .step('pay', pay, () => undefined)
    .step('ship', ship, () => undefined)
    .step('mail', mail, () => undefined)
  const error: unknown = await checkout
    .execute(undefined, { ledger, signal: interrupt.signal })
    .catch((thrown: unknown) => thrown)
  note(`ended by ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`)
  clearInterval(alive)
}

await main()
