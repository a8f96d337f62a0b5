import { createLedger, type Ledger, setDefaultLedger, sqlite } from 'holdfast'
import type { OrderAgent } from './agent.ts'
import { type AgentConfig, stateFiles } from './config.ts'
import { jobAgents } from './jobs.ts'
import { modelClient } from './model-client.ts'
import { PRICES } from './prices.ts'
import { orderTools } from './tools.ts'

/** The agent and its ledger, which knows the tools and jobs by name: it may have to go on with what others left. */
export function openAgent(config: AgentConfig): { readonly agent: OrderAgent; readonly ledger: Ledger } {
  const agent = { client: modelClient(config), model: config.openai.model, tools: orderTools(config) }
  const ledger = createLedger({
    store: sqlite(stateFiles(config.stateDirectory).ledger),
    tools: agent.tools.map(({ tool }) => tool),
    agents: jobAgents(agent),
    prices: PRICES,
  })
  // Which the agent's client asks.
  setDefaultLedger(ledger)
  return { agent, ledger }
}
