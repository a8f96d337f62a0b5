// An OpenAI-compatible server, a process of its own: what the agent talks to when there is no OPENAI_API_KEY.
import { randomBytes } from 'node:crypto'
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessage,
} from 'openai/resources/chat/completions'
import { Journal } from '../journal.ts'
import { invalid, type JsonAnswer, type JsonRequest, serveJson } from './json-server.ts'
import { type Decision, decide } from './scripted-model.ts'
import { journalPath, startService } from './service-process.ts'

const journal = new Journal(journalPath())
let answered = 0

function handle({ method, path, body }: JsonRequest): JsonAnswer {
  if (method !== 'POST' || path !== '/v1/chat/completions')
    return invalid(`Unknown request URL: ${method} ${path}.`, 404)
  const request = body as ChatCompletionCreateParamsNonStreaming
  if (!Array.isArray(request?.messages)) return invalid("Missing required parameter: 'messages'.")
  const decision = decide(request.messages, answered)
  answered += 1
  journal.append({
    event: 'answered',
    orderId: decision.orderId,
    messages: request.messages.length,
    with: nameOf(decision),
  })
  return { status: 200, body: completion(request, messageOf(decision)) }
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

function completion(request: ChatCompletionCreateParamsNonStreaming, message: ChatCompletionMessage): ChatCompletion {
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
