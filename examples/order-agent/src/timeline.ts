// Prints the timeline of a run of the last demo, or the list of its runs: npm run timeline -- order-1002
import { createLedger, sqlite } from 'holdfast'
import { DEFAULT_STATE_DIRECTORY, stateFiles } from './config.ts'
import { showRun } from './demo/screen.ts'

async function main(runId: string | undefined): Promise<void> {
  const ledger = createLedger({ store: sqlite(stateFiles(DEFAULT_STATE_DIRECTORY).ledger) })
  try {
    if (runId === undefined) {
      for (const run of await ledger.runs.list()) console.log(`${run.id}  ${run.status}`)
    } else {
      showRun(await ledger.runs.export(runId))
    }
  } finally {
    await ledger.close()
  }
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
