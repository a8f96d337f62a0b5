// A person's desk: shows what a run asks, and says yes. It knows neither the tools nor the model.
import { createLedger, sqlite } from 'holdfast'
import { agentConfig, stateFiles } from './config.ts'

async function main(runId: string, by: string, reason: string): Promise<void> {
  const ledger = createLedger({ store: sqlite(stateFiles(agentConfig().stateDirectory).ledger) })
  try {
    for await (const question of ledger.approvals.pending({ runId })) {
      console.log(`May it ${question.tool} ${JSON.stringify(question.args)}? A person is asked because ${question.reason}.`)
      const counts = await ledger.approvals.approve(question.key, { by, reason })
      console.log(counts ? `${by}: yes, ${reason}.` : 'Somebody else has decided.')
    }
  } finally {
    await ledger.close()
  }
}

const [runId = '', by = '', reason = ''] = process.argv.slice(2)
main(runId, by, reason).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
