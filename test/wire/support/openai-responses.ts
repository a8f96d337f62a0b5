import { CHAT, events, INPUT, json } from './openai-bodies.ts'
import type { OpenAIClient } from './sdks.ts'
import { streamUsageOf, type WireCase } from './wire-case.ts'

type Case = WireCase<OpenAIClient>

const USAGE = {
  input_tokens: 31,
  input_tokens_details: { cached_tokens: 8 },
  output_tokens: 12,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 43,
}
const TEXT = { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant' }
const SAID = { ...TEXT, content: [{ type: 'output_text', text: 'Hello — thére', annotations: [] }] }
const CALLED = { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'c', name: 'f', arguments: '{"a":1}' }
const PLACE = { item_id: 'msg_1', output_index: 0, content_index: 0 }

export function response(status: string, output: readonly object[] = [SAID], usage: object | null = USAGE): object {
  return {
    ...{ id: 'resp_1', object: 'response', created_at: 1, status, error: null, incomplete_details: null },
    ...{ model: 'gpt-5-2025-08-07', output, service_tier: 'default', usage },
  }
}

function numbered(list: readonly object[]): object[] {
  return list.map((event, index) => ({ ...event, sequence_number: index }))
}

const BEGUN = [
  { type: 'response.created', response: response('in_progress', [], null) },
  { type: 'response.output_item.added', output_index: 0, item: { ...TEXT, status: 'in_progress', content: [] } },
  { type: 'response.content_part.added', ...PLACE, part: { type: 'output_text', text: '', annotations: [] } },
  { type: 'response.output_text.delta', ...PLACE, delta: 'Hello — ', logprobs: [] },
  { type: 'response.output_text.delta', ...PLACE, delta: 'thére', logprobs: [] },
]
const SPOKEN = [
  ...BEGUN,
  { type: 'response.output_text.done', ...PLACE, text: 'Hello — thére', logprobs: [] },
  { type: 'response.output_item.done', output_index: 0, item: SAID },
]
const TOOLED = [
  ...SPOKEN,
  { type: 'response.output_item.added', output_index: 1, item: { ...CALLED, status: 'in_progress', arguments: '' } },
  { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: '{"a":1}' },
  { type: 'response.function_call_arguments.done', item_id: 'fc_1', output_index: 1, arguments: '{"a":1}' },
  { type: 'response.output_item.done', output_index: 1, item: CALLED },
]
const ERROR = { type: 'error', code: 'server_error', message: 'It went wrong.', param: null }

const create: Case['ask'] = (client) => client.responses.create(INPUT)
const stream: Case['ask'] = (client) => client.responses.create({ ...INPUT, stream: true })

function streamed(name: string, list: readonly object[]): Case {
  const all = numbered(list)
  return events(name, all, stream, streamUsageOf(all, 'openai'))
}

export const OPENAI_RESPONSES: readonly Case[] = [
  json('response', response('completed'), create),
  json('response with a call', response('completed', [SAID, CALLED]), create),
  json('response that is incomplete', response('incomplete'), create),
  json('response that is parsed', response('completed'), (client) => client.responses.parse(INPUT)),
  json('response that is compacted', { ...response('completed'), object: 'response.compaction' }, (client) =>
    client.responses.compact({ model: 'gpt-5', input: 'a' }),
  ),
  streamed('response stream', [...SPOKEN, { type: 'response.completed', response: response('completed') }]),
  streamed('response stream with a call', [
    ...TOOLED,
    { type: 'response.completed', response: response('completed', [SAID, CALLED]) },
  ]),
  streamed('response stream that is incomplete', [
    ...SPOKEN,
    { type: 'response.incomplete', response: response('incomplete') },
  ]),
  streamed('response stream that fails', [...BEGUN, { type: 'response.failed', response: response('failed', []) }]),
  streamed('response stream with an error event', [...BEGUN, ERROR]),
  streamed('response stream that just ends', BEGUN),
]

const WRONG = { message: 'It is wrong.', type: 'invalid_request_error', param: 'model', code: 'wrong' }

/** What a provider refuses, and what it does not manage. */
export const OPENAI_ERRORS: readonly Case[] = [400, 401, 403, 404, 409, 422, 429, 500, 503].map((status) =>
  json(`status ${status}`, { error: WRONG }, (client) => client.chat.completions.create(CHAT), { status }),
)

/** Errors that are not in the words of the API. */
export const ODD_ERRORS: readonly Case[] = [
  ['a page of a proxy', { status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' }],
  ['an error without a body', { status: 500, body: '' }],
  ['an error that is no JSON', { status: 400, body: '{"error":' }],
  ['an answer that is no JSON', { status: 200, body: '{"id":' }],
].map(([name, answer]) => ({
  name: name as string,
  ask: (client: OpenAIClient) => client.chat.completions.create(CHAT),
  usage: undefined,
  answer: () => answer as object,
}))
