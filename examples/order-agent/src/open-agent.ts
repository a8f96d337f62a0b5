import { createLedger, type Ledger, sqlite } from 'holdfast'
import { OpenAI } from 'openai'
import type { OrderAgent } from './agent.ts'
import { type AgentConfig, stateFiles } from './config.ts'
import { jobAgents } from './jobs.ts'
import { orderTools } from './tools.ts'

/** The agent and its ledger, which knows the tools and jobs by name: it may have to go on with what others left. */
export function openAgent(config: AgentConfig): { readonly agent: OrderAgent; readonly ledger: Ledger } {
  const { apiKey, baseUrl, model } = config.openai
  const agent = { client: new OpenAI({ apiKey, baseURL: baseUrl }), model, tools: orderTools(config) }
  const ledger = createLedger({
    store: sqlite(stateFiles(config.stateDirectory).ledger),
    tools: agent.tools.map(({ tool }) => tool),
    agents: jobAgents(agent),
  })
  return { agent, ledger }
}
