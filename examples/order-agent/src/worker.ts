// The process that may die: it does one job and prints the agent's last words.
import { ApprovalRequiredError } from 'holdfast'
import { agentConfig } from './config.ts'
import { doJob, jobNamed } from './jobs.ts'
import { openAgent } from './open-agent.ts'

async function main(job = '', orderId = ''): Promise<void> {
  const { agent, ledger } = openAgent(agentConfig())
  try {
    console.log(await doJob(ledger, agent, jobNamed(job), orderId))
  } catch (error) {
    // The run waits for a person; nothing is lost by letting this process go.
    if (!ApprovalRequiredError.isInstance(error)) throw error
    console.log(error.message)
  } finally {
    await ledger.close()
  }
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
