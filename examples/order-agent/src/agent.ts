import type { Ledger, Run } from 'holdfast'
import type { OpenAI } from 'openai'
import type {
  ChatCompletion,
  ChatCompletionMessage,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions'
import type { OfferedTool } from './offered-tool.ts'

/** What an order agent is made of. */
export interface OrderAgent {
  readonly ledger: Ledger
  readonly client: OpenAI
  readonly model: string
  readonly tools: readonly OfferedTool[]
}

const MAX_TURNS = 12
const INSTRUCTIONS = `You fulfil orders of a shop. For the order you are given: find it, take the stock, charge the
card, book the shipping, and write the customer a friendly mail with the tracking code. One tool at a time, in this
order. If a tool reports an error, stop and say why. At the end answer in one sentence.`

/**
 * Fulfils an order: OpenAI's tool-calling loop, inside a run that is named after the order. Asked again, it gives
 * the recorded answer; after a crash, it goes on from where it stopped.
 */
export function fulfilOrder(agent: OrderAgent, orderId: string): Promise<string> {
  const options = { id: `order-${orderId}`, name: 'fulfil-order', input: { orderId } }
  return agent.ledger.run(options, (run) => converse(agent, run, `Please fulfil order ${orderId}.`))
}

async function converse(agent: OrderAgent, run: Run, task: string): Promise<string> {
  const messages: ChatCompletionMessageParam[] = [
    { role: 'system', content: INSTRUCTIONS },
    { role: 'user', content: task },
  ]
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const message = await ask(agent, run, messages)
    messages.push(message)
    if (message.tool_calls === undefined || message.tool_calls.length === 0) return message.content ?? ''
    for (const call of message.tool_calls) {
      messages.push({ role: 'tool', tool_call_id: call.id, content: await perform(agent, call) })
    }
  }
  throw new Error(`The model was still calling tools after ${MAX_TURNS} turns.`)
}

/** One model request: recorded before its answer is used, and served from the record after a crash. */
async function ask(
  agent: OrderAgent,
  run: Run,
  messages: ChatCompletionMessageParam[],
): Promise<ChatCompletionMessage> {
  const { client, model } = agent
  const request = { model, messages, tools: agent.tools.map((tool) => tool.shown) }
  const completion = await run.call(
    { provider: 'openai', model, request, usage: (answer: ChatCompletion) => answer.usage },
    ({ signal }) => client.chat.completions.create(request, { signal }),
  )
  const message = completion.choices[0]?.message
  if (message === undefined) throw new Error('The model answered without a message.')
  return message
}

/** What a tool gave back, or why it did not: the model is told either way, as in every loop of this kind. */
async function perform(agent: OrderAgent, call: ChatCompletionMessageToolCall): Promise<string> {
  if (call.type !== 'function') return JSON.stringify({ error: 'This agent has no custom tools.' })
  const tool = agent.tools.find((candidate) => candidate.name === call.function.name)
  if (tool === undefined) return JSON.stringify({ error: `There is no tool '${call.function.name}'.` })
  try {
    return JSON.stringify(await tool.perform(JSON.parse(call.function.arguments)))
  } catch (error) {
    // What must stop the run stops it all the same: the ledger refuses its next call.
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) })
  }
}
