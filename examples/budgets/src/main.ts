import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { BudgetExceededError, createLedger, formatUsage, memory, toResponse, usd } from 'holdfast'
import { type ChatRequest, complete } from './provider.ts'

const ledger = createLedger({
  store: memory(),
  // Each user has a cent a day.
  scopes: { 'user:*': { budget: usd('0.01'), window: { every: 'day', timeZone: 'Europe/Berlin' } } },
  // Counts what bytes only bound, where that decides; without this line js-tiktoken does.
  tokenizer: { count: countTokens },
})

/** One turn: a run that may spend half a dollar, and no more than its user has left. */
const answer = (id: string, question: string) =>
  ledger.run({ id, scopes: ['user:ann'], limits: { budget: usd('0.50') } }, async (run) => {
    const messages = [{ role: 'user', content: question }] as const
    const request: ChatRequest = { model: 'gpt-4.1-mini', max_tokens: 4_000, messages }
    await run.call({ provider: 'openai', model: request.model, request }, (call) => complete(call.request))
    console.log(`${formatUsage(await run.usage())}\n`)
  })

const article = 'Light of short waves is scattered more than light of long waves. '.repeat(200)
await answer('turn-1', 'Why is the sky blue?')
await answer('turn-2', `And red in the evening? I read: ${article}`) // sent with a lower max_tokens: what is left
try {
  await answer('turn-3', 'And on Mars?')
} catch (error) {
  if (!BudgetExceededError.isInstance(error)) throw error
  console.log(`${error.message}\n\nas an HTTP response: ${toResponse(error).status}`)
}
await ledger.close()
