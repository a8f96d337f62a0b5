// A person's desk: shows what a run asks, and says yes. It knows neither the tools nor the model.
import { createLedger, sqlite } from 'holdfast'
import { agentConfig, stateFiles } from './config.ts'

async function main(runId = '', by = '', reason = ''): Promise<void> {
  const ledger = createLedger({ store: sqlite(stateFiles(agentConfig().stateDirectory).ledger) })
  try {
    for await (const question of ledger.approvals.pending({ runId })) {
      console.log(`${question.tool} ${JSON.stringify(question.args)}: asked because ${question.reason}.`)
      const counts = await ledger.approvals.approve(question.key, { by, reason })
      console.log(counts ? `${by}: yes, ${reason}.` : 'Somebody else has decided.')
    }
  } finally {
    await ledger.close()
  }
}

main(process.argv[2], process.argv[3], process.argv[4]).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
