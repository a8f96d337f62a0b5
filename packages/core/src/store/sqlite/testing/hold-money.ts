import { systemClock } from '../../../util/clock.ts'
import type { LimitTerms } from '../../limit-records.ts'
import { sqlite } from '../sqlite.ts'

// Opens a shared run with a budget of ten, takes a hold of eight, says so, and then does nothing until it is killed.
const [path = ''] = process.argv.slice(2)
const store = sqlite(path).open({
  clock: systemClock,
  durability: 'fast',
  migrate: 'auto',
  random: () => 0,
  retries: { attempts: 0, initialMs: 1 },
  warn: () => {},
})
const terms: LimitTerms = {
  ...{ mode: 'hard', budgetNano: 10, finalReserveNano: 0, tokens: null, calls: null, effects: null, wallMs: null },
  ...{ rates: [], tools: [], window: null, thresholds: [] },
}
const opened = await store.openRun({
  ...{ id: 'run-1', name: null, thread: null, input: null, inputHash: null, tags: [], limits: [terms] },
  ...{ parent: null, leaseMs: 60_000, shared: true, retry: false, at: 0 },
})
if (opened.kind !== 'opened') throw new Error(opened.kind)
const hold = {
  ...{ inputNano: 8, inputTokens: 0, outputRate: 0, output: { least: 0, most: 0 }, refuseFor: null, bounded: true },
  ...{ priceVersion: null, final: false },
} as const
const held = await store.openHold({ run: opened.ref, label: 'gpt-5', hold, at: 1_700_000_000_000 })
process.stdout.write(`${held.kind}\n`)
setInterval(() => {}, 1_000)
