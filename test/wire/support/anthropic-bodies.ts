import type { AnthropicClient } from './sdks.ts'
import { SSE, sse, streamUsageOf, usageOf, type WireCase } from './wire-case.ts'
import type { Answer } from './wire-server.ts'

type Case = WireCase<AnthropicClient>

const PROVIDER = 'anthropic'
export const MESSAGE = {
  model: 'claude-haiku-4-5',
  max_tokens: 1_000,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
}

export const USAGE = {
  ...{ input_tokens: 21, cache_creation_input_tokens: 5, cache_read_input_tokens: 7 },
  cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 0 },
  ...{ output_tokens: 12, service_tier: 'standard' },
}
const TEXT = { type: 'text', text: 'Hello — thére 🙂', citations: null }
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 'é' } }

export function message(content: readonly object[] = [TEXT], usage: object = USAGE): object {
  return {
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929', content },
    ...{ stop_reason: 'end_turn', stop_sequence: null, usage },
  }
}

const START = {
  type: 'message_start',
  message: { ...message([], { ...USAGE, output_tokens: 1 }), stop_reason: null },
}
const DELTA = { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null } }
const STOP = { type: 'message_stop' }
const PING = { type: 'ping' }

function text(words: readonly string[]): object[] {
  return [
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...words.map((word) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word } })),
    { type: 'content_block_stop', index: 0 },
  ]
}

const CALLED = [
  { type: 'content_block_start', index: 1, content_block: { ...CALL, input: {} } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"é"}' } },
  { type: 'content_block_stop', index: 1 },
]
const THOUGHT = [
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'AAAA' } },
  { type: 'content_block_stop', index: 0 },
]
export const SPOKEN: readonly object[] = [START, PING, ...text(['Hello', ' — thére', ' "usage":{}'])]
const END = [{ ...DELTA, usage: { output_tokens: 12 } }, STOP]

const ask: Case['ask'] = (client) => client.messages.create(MESSAGE)
const stream: Case['ask'] = (client) => client.messages.create({ ...MESSAGE, stream: true })

function json(name: string, body: object, asked: Case['ask'] = ask, rest: Omit<Answer, 'body'> = {}): Case {
  const usage = (rest.status ?? 200) < 400 ? usageOf(body, PROVIDER) : undefined
  return { name, ask: asked, usage, answer: () => ({ ...rest, body: JSON.stringify(body) }) }
}

function streamed(name: string, list: readonly object[], asked: Case['ask'] = stream): Case {
  return { name, ask: asked, usage: streamUsageOf(list, PROVIDER), answer: () => ({ type: SSE, body: sse(list) }) }
}

/** What does not tell all that was used. */
function broken(name: string, body: string): Case {
  return { name, ask: stream, usage: undefined, answer: () => ({ type: SSE, body }) }
}

const ERROR = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded.' }, request_id: 'req_1' }
const REVISED = [
  { ...DELTA, usage: { input_tokens: 900, output_tokens: 9, server_tool_use: { web_search_requests: 1 } } },
  { ...DELTA, usage: { input_tokens: 950, output_tokens: 30, server_tool_use: { web_search_requests: 2 } } },
]

export const ANTHROPIC_BODIES: readonly Case[] = [
  json('message', message()),
  json('message with a call', message([TEXT, CALL])),
  json('message of the beta', message(), (client) => client.beta.messages.create(MESSAGE)),
  json('message through a text', message(), (client) => client.post('/v1/messages', { body: MESSAGE })),
  json('message that searched', message([TEXT], { ...USAGE, server_tool_use: { web_search_requests: 2 } })),
  streamed('stream', [...SPOKEN, ...END]),
  streamed('stream of the beta', [...SPOKEN, ...END], (client) =>
    client.beta.messages.create({ ...MESSAGE, stream: true }),
  ),
  streamed('stream with a call', [...SPOKEN, ...CALLED, ...END]),
  streamed('stream with thoughts', [START, ...THOUGHT, ...END]),
  streamed('stream whose usage grows', [...SPOKEN, ...REVISED, STOP]),
  {
    ...streamed('stream of lines that end in CRLF', [...SPOKEN, ...END]),
    answer: () => ({ type: SSE, body: sse([...SPOKEN, ...END]).replaceAll('\n', '\r\n') }),
  },
  broken('stream with an error in it', sse([...SPOKEN, ERROR])),
  broken('stream that just ends', sse(SPOKEN)),
  broken('stream that ends within an event', sse([...SPOKEN, ...END]).slice(0, -12)),
  broken('stream that is no JSON', `${sse([START])}event: content_block_delta\ndata: {"broken\n\n${sse(END)}`),
]

const STATUSES = [400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 529]

export const ANTHROPIC_ERRORS: readonly Case[] = [
  ...STATUSES.map((status) => json(`status ${status}`, ERROR, ask, { status })),
  {
    name: 'a page of a proxy',
    ask,
    usage: undefined,
    answer: () => ({ status: 502, type: 'text/html', body: '<h1>' }),
  },
  { name: 'an answer that is no JSON', ask, usage: undefined, answer: () => ({ body: '{"id":' }) },
]
