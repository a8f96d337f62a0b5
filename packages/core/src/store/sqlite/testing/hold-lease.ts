import { systemClock } from '../../../util/clock.ts'
import { sqlite } from '../sqlite.ts'

// Opens a run, claims an effect of the ledger's scope, says so, and then does nothing until it is killed.
const [path = '', leaseMs = '', byHand = ''] = process.argv.slice(2)
const store = sqlite(path).open({
  clock: systemClock,
  durability: 'fast',
  migrate: 'auto',
  random: () => 0,
  retries: { attempts: 0, initialMs: 1 },
  warn: () => {},
})

const lease = { leaseMs: Number(leaseMs), at: 0 }
const opened = await store.openRun({
  ...lease,
  ...{ id: 'run-1', name: null, thread: null, input: null, inputHash: null, tags: [] },
  ...{ parent: null, shared: false, retry: false },
})
if (opened.kind !== 'opened') throw new Error(opened.kind)
await store.claimEffect({
  ...lease,
  run: opened.ref,
  ...{ owner: { kind: 'scope', name: 'ledger' }, keys: [Buffer.alloc(32, 1)], tool: 'charge-card', args: '{}' },
  ...{ argsHash: null, onOtherArgs: 'conflict', callerKeyed: false, lane: 'root', callsSeen: 0 },
  ...{ parentEffect: null, attempts: 1, willWait: false, byHand: byHand === 'by-hand' },
})
process.stdout.write('held\n')
setInterval(() => {}, 1_000)
