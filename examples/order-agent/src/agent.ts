import type { OpenAI } from '@holdfast/openai'
import type { Run } from 'holdfast'
import type {
  ChatCompletionMessage,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions'
import type { OfferedTool } from './offered-tool.ts'

/** What an agent is made of. */
export interface OrderAgent {
  readonly client: OpenAI
  readonly model: string
  readonly tools: readonly OfferedTool[]
}

/** What it is told. */
export interface Briefing {
  readonly instructions: string
  readonly task: string
}

/** What it came to: its last words, and which tools gave a result. */
export interface Conversed {
  readonly words: string
  readonly done: ReadonlySet<string>
}

/** Where a loop of this kind ends if nothing else ends it. */
export const MAX_TURNS = 12

/** OpenAI's tool-calling loop. After a crash, in another process, it goes on from where it stopped. */
export async function converse(agent: OrderAgent, run: Run, briefing: Briefing): Promise<Conversed> {
  const messages: ChatCompletionMessageParam[] = [
    { role: 'system', content: briefing.instructions },
    { role: 'user', content: briefing.task },
  ]
  const done = new Set<string>()
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const message = await ask(agent, messages)
    messages.push(message)
    if (message.tool_calls === undefined || message.tool_calls.length === 0) {
      return { words: message.content ?? '', done }
    }
    for (const call of message.tool_calls) {
      const content = await perform(agent, call, done)
      messages.push({ role: 'tool', tool_call_id: call.id, content: withAdvice(run, content) })
    }
  }
  throw new Error(`The model was still calling tools after ${MAX_TURNS} turns.`)
}

/** One model request: the client has it recorded before its answer is used, and served from the record after a crash. */
async function ask(
  { client, model, tools }: OrderAgent,
  messages: ChatCompletionMessageParam[],
): Promise<ChatCompletionMessage> {
  const completion = await client.chat.completions.create({ model, messages, tools: tools.map((tool) => tool.shown) })
  const message = completion.choices[0]?.message
  if (message === undefined) throw new Error('The model answered without a message.')
  return message
}

/** Before an agent that goes round in circles is stopped, its model is told so, below what the tool gave. */
function withAdvice(run: Run, content: string): string {
  const advice = run.loops.takeAdvice()
  return advice === undefined ? content : `${content}\n\n${advice}`
}

/** What a tool gave back, or why it did not: the model is told either way, as in every loop of this kind. */
async function perform(agent: OrderAgent, call: ChatCompletionMessageToolCall, done: Set<string>): Promise<string> {
  if (call.type !== 'function') return JSON.stringify({ error: 'This agent has no custom tools.' })
  const { name } = call.function
  const offered = agent.tools.find((candidate) => candidate.name === name)
  if (offered === undefined) return JSON.stringify({ error: `There is no tool '${name}'.` })
  try {
    const result = await offered.tool(JSON.parse(call.function.arguments))
    done.add(name)
    return JSON.stringify(result)
  } catch (error) {
    // What must stop the run stops it all the same: the ledger refuses its next call.
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) })
  }
}
