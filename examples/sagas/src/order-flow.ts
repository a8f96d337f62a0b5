import { createLedger, executePlan, formatRun, memory } from 'holdfast'
import { openShop } from './shop.ts'

const ledger = createLedger({ store: memory() })
const tools = Object.values(openShop({ carrierFails: 9 }))

// What a model decided to do.
const plan = [
  { tool: 'pay', args: { order: 'ORD-1', cents: 15_000 } },
  { tool: 'take-stock', args: { item: 'ITEM-A', count: 2 } },
  { tool: 'ship', args: { address: 'Seoul' } },
]
const { status, steps } = await executePlan(plan, tools, { ledger, id: 'ORD-1', throws: false })

console.log(`\n${status}: ${steps.map((step) => `${step.name} ${step.status}`).join(', ')}\n`)
console.log(formatRun(await ledger.runs.export('ORD-1')))
