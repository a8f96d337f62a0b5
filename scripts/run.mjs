// The entry of every `npm run` job. It runs on Node 20 before anything is installed, so it is plain JavaScript
// and imports nothing but Node.
import { jobs } from './lib/jobs.mjs'
import { prepare } from './lib/prepare.mjs'
import { say } from './lib/step.mjs'

const [name, ...rest] = process.argv.slice(2)
const job = jobs[name]

if (!job) {
  say(`unknown job "${name ?? ''}"; there are: ${Object.keys(jobs).join(', ')}`)
  process.exit(2)
}

const unprepared = await prepare(job.needs)
if (unprepared !== 0) job.onUnprepared?.()
// process.exitCode and not process.exit: output on a pipe may still be on its way.
process.exitCode = unprepared || (await job.run(rest))
