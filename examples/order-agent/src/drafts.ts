// An eager agent: asks the model for many drafts of one letter at once, on a user's budget, and keeps what it gets.

import type { OpenAI } from '@holdfast/openai'
import { BudgetExceededError, createLedger, setDefaultLedger, sqlite, usd } from 'holdfast'
import { type AgentConfig, agentConfig, stateFiles } from './config.ts'
import { modelClient } from './model-client.ts'
import { PRICES } from './prices.ts'

/** What a process of this program tells the one that started it, once for each call that was not sent. */
export type Refused = Pick<BudgetExceededError, 'scope' | 'limit' | 'spent' | 'held' | 'requested' | 'message'>

async function main(runId = '', user = '', orderId = '', count = ''): Promise<void> {
  const config = agentConfig()
  const ledger = createLedger({
    store: sqlite(stateFiles(config.stateDirectory).ledger),
    scopes: { 'user:*': { budget: usd('0.01') } },
    prices: PRICES,
  })
  setDefaultLedger(ledger)
  try {
    const drafts = await ledger.run({ id: runId, input: { orderId }, scopes: [`user:${user}`] }, () =>
      draftAll(config, { orderId, count: Number(count) }),
    )
    console.log(`${drafts} of ${count} drafts`)
  } finally {
    await ledger.close()
  }
}

/** How many there were in the end. */
async function draftAll(
  config: AgentConfig,
  { orderId, count }: { readonly orderId: string; readonly count: number },
): Promise<number> {
  const client = modelClient(config)
  const { model } = config.openai
  const request = {
    model,
    messages: [{ role: 'user' as const, content: `Please draft a letter of thanks for order ${orderId}.` }],
    max_completion_tokens: 2_100,
  }
  const drafts = await Promise.all(Array.from({ length: count }, () => draft(client, request).catch(unaffordable)))
  return drafts.filter((text) => text !== undefined).length
}

async function draft(
  client: OpenAI,
  request: OpenAI.ChatCompletionCreateParamsNonStreaming,
): Promise<string | undefined> {
  const answer = await client.chat.completions.create(request)
  return answer.choices[0]?.message.content ?? undefined
}

function unaffordable(error: unknown): undefined {
  if (!BudgetExceededError.isInstance(error)) throw error
  const { scope, limit, spent, held, requested, message } = error
  process.send?.({ scope, limit, spent, held, requested, message } satisfies Refused)
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
