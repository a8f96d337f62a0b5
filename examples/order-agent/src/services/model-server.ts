// An OpenAI-compatible server, a process of its own: what the agent talks to when there is no OPENAI_API_KEY.
import { randomBytes } from 'node:crypto'
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessage,
} from 'openai/resources/chat/completions'
import type { CompletionUsage } from 'openai/resources/completions'
import { Journal } from '../journal.ts'
import { billed } from '../prices.ts'
import { conversation } from './conversation.ts'
import { invalid, type JsonAnswer, type JsonRequest, serveJson } from './json-server.ts'
import { type Decision, decide } from './scripted-model.ts'
import { journalPath, startService, tell } from './service-process.ts'

const journal = new Journal(journalPath())
let answered = 0
/** While answers are kept back: what lets them go. */
let gate: PromiseWithResolvers<void> | undefined

process.on('message', (word) => {
  if (word === 'let-go') {
    gate?.resolve()
    gate = undefined
    return
  }
  gate = Promise.withResolvers()
  tell({ kind: 'holding' })
})

function handle({ method, path, headers, body }: JsonRequest): JsonAnswer | Promise<JsonAnswer> {
  if (method !== 'POST' || path !== '/v1/chat/completions')
    return invalid(`Unknown request URL: ${method} ${path}.`, 404)
  const request = body as ChatCompletionCreateParamsNonStreaming
  if (!Array.isArray(request?.messages)) return invalid("Missing required parameter: 'messages'.")
  const decision = decide(request.messages, answered)
  answered += 1
  const answer = completion(request, messageOf(decision))
  journal.append({
    event: 'answered',
    orderId: decision.orderId,
    messages: request.messages.length,
    with: nameOf(decision),
    advice: conversation(request.messages).advice,
    client: headers['user-agent'],
    // What arrives is paid for, whether or not anybody is left to hear the answer.
    billedNano: billed(answer.usage),
  })
  return kept({ status: 200, body: answer })
}

function kept(answer: JsonAnswer): JsonAnswer | Promise<JsonAnswer> {
  if (gate === undefined) return answer
  tell({ kind: 'acted' })
  return gate.promise.then(() => answer)
}

function nameOf(decision: Decision): string {
  return decision.kind === 'call' ? decision.tool : 'words'
}

function messageOf(decision: Decision): ChatCompletionMessage {
  const base = { role: 'assistant', refusal: null } as const
  if (decision.kind === 'say') return { ...base, content: decision.text }
  const call = { name: decision.tool, arguments: JSON.stringify(decision.args) }
  // A new id at every answer, as from every provider: nothing may be keyed by it.
  return { ...base, content: null, tool_calls: [{ id: identifier('call_'), type: 'function', function: call }] }
}

function completion(
  request: ChatCompletionCreateParamsNonStreaming,
  message: ChatCompletionMessage,
): ChatCompletion & { readonly usage: CompletionUsage } {
  const prompt = tokensOf([request.messages, request.tools])
  const output = tokensOf(message)
  return {
    id: identifier('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1_000),
    model: request.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: message.content === null ? 'tool_calls' : 'stop' }],
    usage: { prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output },
  }
}

function identifier(prefix: string): string {
  return prefix + randomBytes(18).toString('base64url').replace(/[-_]/g, 'x')
}

// Four characters a token: near enough for English and JSON.
function tokensOf(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / 4)
}

startService(async () => `${await serveJson(handle)}/v1`)
