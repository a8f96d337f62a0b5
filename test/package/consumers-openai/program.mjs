import { createServer } from 'node:http'

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
const choices = [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }]

/** What a program of a user does with the client and the ledger that it imported. */
export async function program({ OpenAI, OpenAIError, createLedger, memory, usd }) {
  let agent
  const server = createServer((request, response) => {
    agent = request.headers['user-agent']
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', model: 'gpt-5', choices, usage }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const ledger = createLedger({ store: memory(), limits: {} })
  const client = new OpenAI({ ledger, apiKey: 'k', baseURL: `http://127.0.0.1:${server.address().port}/v1` })
  const body = { model: 'gpt-5', messages: [{ role: 'user', content: 'hi' }] }
  const answer = await client.chat.completions.create(body)
  const refused = { id: 'r', limits: { budget: usd('0.00001') } }
  const ask = () => client.chat.completions.create(body)
  let error
  await ledger.run(refused, () => ask().catch((thrown) => (error = thrown))).catch(() => undefined)
  const calls = (await ledger.calls.list()).filter(({ status }) => status === 'succeeded').length
  console.log(
    JSON.stringify({
      agent,
      said: answer.choices[0].message.content,
      calls,
      isClient: client instanceof OpenAI,
      isError: error instanceof OpenAIError && error.code === 'budget-exceeded',
    }),
  )
  await ledger.close()
  server.closeAllConnections()
  server.close()
}
