import { systemClock } from '../../../util/clock.ts'
import { sqlite } from '../sqlite.ts'

// Says that it is ready, waits for a signal, and then opens the ledger: several of these race to make its tables.
const [path = ''] = process.argv.slice(2)
const store = sqlite(path).open({
  clock: systemClock,
  durability: 'fast',
  migrate: 'auto',
  random: Math.random,
  retries: { attempts: 0, initialMs: 1 },
  warn: () => {},
})
const signalled = new Promise((resolve) => process.once('SIGUSR2', resolve))
// A signal's listener alone keeps no process alive.
const alive = setInterval(() => {}, 1_000)
process.stdout.write('ready\n')
await signalled
clearInterval(alive)
await store.listRuns({})
await store.close()
