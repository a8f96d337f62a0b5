// The process that may die: it fulfils one order and prints the agent's last words.
import { createLedger, sqlite } from 'holdfast'
import { OpenAI } from 'openai'
import { fulfilOrder } from './agent.ts'
import { agentConfig, stateFiles } from './config.ts'
import { orderTools } from './tools.ts'

async function main(orderId: string): Promise<void> {
  const config = agentConfig()
  const { apiKey, baseUrl, model } = config.openai
  const ledger = createLedger({ store: sqlite(stateFiles(config.stateDirectory).ledger) })
  const client = new OpenAI({ apiKey, baseURL: baseUrl })
  try {
    console.log(await fulfilOrder({ ledger, client, model, tools: orderTools(config) }, orderId))
  } finally {
    await ledger.close()
  }
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
