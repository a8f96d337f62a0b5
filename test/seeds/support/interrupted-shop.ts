import { join } from 'node:path'
import { createLedger, executePlan, interruptSignal, memory, tool } from 'holdfast'
import { noteIn, shopTools } from './shop.ts'

/** Executes a plan that somebody interrupts while it ships. */
const [folder = ''] = process.argv.slice(2)
const note = noteIn(join(folder, 'log'))
const { pay, stock } = shopTools(note)
const ship = tool({
  name: 'ship',
  execute: (_: undefined, { signal }) =>
    new Promise<void>((_resolve, reject) => {
      // Nothing else keeps the process alive.
      const busy = setInterval(() => undefined, 1_000)
      signal.addEventListener('abort', () => {
        clearInterval(busy)
        reject(signal.reason)
      })
      process.stdout.write('shipping\n')
    }),
  compensate: () => note('stop the parcel'),
  onUnknown: () => ({ kind: 'not_applied' }),
})

using interrupt = interruptSignal()
const steps = [{ tool: 'pay', args: { order: '1' } }, { tool: 'stock', args: { item: 'A' } }, { tool: 'ship' }]
const outcome = await executePlan(steps, [pay, stock, ship], {
  ledger: createLedger({ store: memory() }),
  signal: interrupt.signal,
  throws: false,
})
note(outcome.status)
