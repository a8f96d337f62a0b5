import { createServer } from 'node:http'

const usage = { input_tokens: 1, output_tokens: 1 }
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5',
  content: [{ type: 'text', text: 'hello' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
}

/** What a program of a user does with the client and the ledger that it imported. */
export async function program({ Anthropic, AnthropicError, createLedger, memory, usd }) {
  let agent
  const server = createServer((request, response) => {
    agent = request.headers['user-agent']
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(message))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const ledger = createLedger({ store: memory(), limits: {} })
  const client = new Anthropic({ ledger, apiKey: 'k', baseURL: `http://127.0.0.1:${server.address().port}` })
  const body = { model: 'claude-haiku-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }
  const answer = await client.messages.create(body)
  const refused = { id: 'r', limits: { budget: usd('0.00001') } }
  const ask = () => client.messages.create(body)
  let error
  await ledger.run(refused, () => ask().catch((thrown) => (error = thrown))).catch(() => undefined)
  const calls = (await ledger.calls.list()).filter(({ status }) => status === 'succeeded').length
  console.log(
    JSON.stringify({
      agent,
      said: answer.content[0].text,
      calls,
      isClient: client instanceof Anthropic,
      isError: error instanceof AnthropicError && error.code === 'budget-exceeded',
    }),
  )
  await ledger.close()
  server.closeAllConnections()
  server.close()
}
