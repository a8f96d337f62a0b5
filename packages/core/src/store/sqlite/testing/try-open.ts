import { systemClock } from '../../../util/clock.ts'
import { sqlite } from '../sqlite.ts'

// Opens a run in the given file and prints what came of it: 'opened', or the error's name and reason.
const [path = ''] = process.argv.slice(2)
const store = sqlite(path).open({
  clock: systemClock,
  durability: 'fast',
  migrate: 'auto',
  random: Math.random,
  retries: { attempts: 0, initialMs: 1 },
  warn: () => {},
})
const open = {
  ...{ id: 'run-1', name: null, thread: null, input: null, inputHash: null, tags: [] },
  ...{ parent: null, leaseMs: 60_000, shared: true, retry: false, at: 0 },
}
const outcome = await store.openRun(open).then(
  ({ kind }) => kind,
  (error: Error & { reason?: string }) => `${error.name} ${error.reason ?? error.message}`,
)
process.stdout.write(outcome)
await store.close()
