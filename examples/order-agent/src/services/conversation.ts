import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'

/** What a conversation comes to so far. */
export interface Conversation {
  readonly orderId: string
  readonly wants: 'fulfilment' | 'refund' | 'arrival' | 'draft'
  /** Results by the name of the tool. */
  readonly results: ReadonlyMap<string, unknown>
  /** The message of the first tool that failed. */
  readonly failure: string | undefined
  /** What it was told below the last tool's result. */
  readonly advice: string | undefined
}

/** What the words of a task are about; the first that fits. */
const TASKS = [
  [/refund/i, 'refund'],
  [/parcel/i, 'arrival'],
  [/draft/i, 'draft'],
] as const

/** Reads a conversation as a model would: which order is it about, and what did the tools say? */
export function conversation(messages: readonly ChatCompletionMessageParam[]): Conversation {
  const names = toolNames(messages)
  const results = new Map<string, unknown>()
  let failure: string | undefined
  let advice: string | undefined
  for (const message of messages) {
    if (message.role !== 'tool') continue
    // The result is JSON, which has no empty line; whatever follows one is said to the model.
    const [json = '', said] = textOf(message.content).split('\n\n', 2)
    const result: unknown = JSON.parse(json)
    advice = said
    failure ??= errorOf(result)
    results.set(names.get(message.tool_call_id) ?? 'unknown', result)
  }
  const task = taskOf(messages)
  const [, wants = 'fulfilment'] = TASKS.find(([words]) => words.test(task)) ?? []
  return { orderId: /order (\w+)/i.exec(task)?.[1] ?? '', wants, results, failure, advice }
}

function toolNames(messages: readonly ChatCompletionMessageParam[]): ReadonlyMap<string, string> {
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []))
  return new Map(calls.flatMap((call) => (call.type === 'function' ? [[call.id, call.function.name] as const] : [])))
}

function taskOf(messages: readonly ChatCompletionMessageParam[]): string {
  return textOf(messages.findLast((message) => message.role === 'user')?.content)
}

function errorOf(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null || !('error' in result)) return undefined
  return String(result.error)
}

function textOf(content: ChatCompletionMessageParam['content']): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => ('text' in part ? part.text : '')).join('')
}
