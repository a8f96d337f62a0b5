// What a shop starts every minute: goes on with whatever processes left that died, or that let a run wait for a person.
import { agentConfig } from './config.ts'
import { openAgent } from './open-agent.ts'

async function main(): Promise<void> {
  const { ledger } = openAgent(agentConfig())
  try {
    const { compensated, resumed, resumable, blocked } = await ledger.recover()
    for (const { runId, status } of compensated) console.log(`${runId}: ${status}`)
    for (const { runId, error } of resumed) console.log(`${runId}: ${error ?? 'went on, and is done'}`)
    for (const { id } of resumable) console.log(`${id}: nobody here can go on with it`)
    for (const { runId, error } of blocked) console.log(`${runId}: blocked: ${error}`)
  } finally {
    await ledger.close()
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
