import type { TokenUsage } from 'holdfast'
import type { AnswerShape } from '../../endpoint/endpoint.ts'
import { EVENTS } from './tapped.ts'

/** A stream as it comes over the wire, and what is to become of it. */
export interface Stream {
  readonly name: string
  readonly shape: AnswerShape
  readonly contentType: string
  readonly hidesUsage: boolean
  readonly events: readonly string[]
  /** What its reader gets of each event, where that is something else. */
  readonly shown?: readonly string[]
  /** From this event on everything waits until the answer is settled. */
  readonly heldFrom: number
  readonly usage: TokenUsage
  /** All that its model wrote. */
  readonly written: string
}

const sse = (...events: readonly unknown[]): string[] => events.map((event) => `data: ${JSON.stringify(event)}\n\n`)
type Named = Readonly<Record<string, unknown>> & { readonly type: string }
const named = (...events: readonly Named[]): string[] =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)

const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'gpt-4o-mini',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  ...more,
})
const total = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }
const told = { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'gpt-4o-mini', choices: [], usage: total }
const none = { usage: null }
const DONE = 'data: [DONE]\n\n'
const call = (index: number, more: object) => ({ tool_calls: [{ index, ...more }] })
const begun = (index: number) =>
  call(index, { id: `call_${index}`, type: 'function', function: { name: 'pay', arguments: '' } })
const goesOn = (index: number) => call(index, { function: { arguments: '{"a":1}' } })

const chat = { shape: 'openai-chat', contentType: EVENTS, usage: { input: 9, output: 4 } } as const

const chats: readonly Stream[] = [
  {
    ...chat,
    name: 'a chat whose usage its caller asked for',
    hidesUsage: false,
    events: [
      ': keeps the connection alive\n\n',
      ...sse(
        chunk({ role: 'assistant', content: '', refusal: null }, null, none),
        chunk({ content: 'Grüße "aus" ' }, null, none),
        chunk({ content: '東京\n👋' }, null, none),
        chunk({}, 'stop', none),
        told,
      ),
      DONE,
    ],
    heldFrom: 6,
    written: 'Grüße "aus" 東京\n👋',
  },
  {
    ...chat,
    name: 'a chat whose usage its caller did not ask for',
    hidesUsage: true,
    events: [
      ...sse(
        chunk({ content: 'Hi' }, null, none),
        { ...none, ...chunk({ content: '"usage":null,' }) },
        chunk({}, 'stop', none),
        told,
      ),
      DONE,
    ],
    shown: [...sse(chunk({ content: 'Hi' }), chunk({ content: '"usage":null,' }), chunk({}, 'stop')), '', DONE],
    heldFrom: 4,
    written: 'Hi"usage":null,',
  },
  {
    ...chat,
    name: 'a chat of a host that sends its usage with its last chunk, unasked',
    hidesUsage: true,
    events: [...sse(chunk({ content: 'Hi' }), chunk({}, 'stop', { usage: total })), DONE],
    heldFrom: 2,
    written: 'Hi',
  },
  {
    ...chat,
    name: 'a chat of a host that says no more when all is said',
    hidesUsage: false,
    events: sse(chunk({ content: 'Hi' }), chunk({}, 'stop', { usage: total })),
    heldFrom: 2,
    written: 'Hi',
  },
  {
    ...chat,
    name: 'a chat that calls two tools',
    hidesUsage: true,
    events: [
      ...sse(
        chunk({ content: 'Wait.' }, null, none),
        chunk(begun(0), null, none),
        chunk(goesOn(0), null, none),
        chunk(begun(1), null, none),
        chunk(goesOn(1), null, none),
        chunk({}, 'tool_calls', none),
        told,
      ),
      DONE,
    ],
    shown: [
      ...sse(
        chunk({ content: 'Wait.' }),
        chunk(begun(0)),
        chunk(goesOn(0)),
        chunk(begun(1)),
        chunk(goesOn(1)),
        chunk({}, 'tool_calls'),
      ),
      '',
      DONE,
    ],
    heldFrom: 2,
    written: 'Wait.pay{"a":1}pay{"a":1}',
  },
  {
    ...chat,
    name: 'a chat that must call a tool, and ends as if it had not',
    hidesUsage: false,
    events: [...sse(chunk(begun(0)), chunk(goesOn(0)), chunk({}, 'stop'), told), DONE],
    heldFrom: 1,
    written: 'pay{"a":1}',
  },
  {
    ...chat,
    name: 'a completion, with other line ends',
    shape: 'openai-completions',
    hidesUsage: true,
    events: [
      'data: {"choices": [{"text": "Hi", "index": 0, "finish_reason": null}], "usage": null}\r\n\r\n',
      'data: {"usage": null, "choices": [{"text": " you", "index": 0, "finish_reason": "stop"}]}\r\n\r\n',
      'data: {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}\r\n\r\n',
      'data: [DONE]\r\n\r\n',
    ],
    shown: [
      'data: {"choices": [{"text": "Hi", "index": 0, "finish_reason": null}]}\r\n\r\n',
      'data: { "choices": [{"text": " you", "index": 0, "finish_reason": "stop"}]}\r\n\r\n',
      '',
      'data: [DONE]\r\n\r\n',
    ],
    heldFrom: 3,
    written: 'Hi you',
  },
]

const response = (status: string, usage: unknown) => ({
  id: 'resp_1',
  object: 'response',
  model: 'gpt-5',
  status,
  usage,
  output: [],
})
const used = { input_tokens: 9, output_tokens: 4, total_tokens: 13 }
const delta = (text: string) => ({ type: 'response.output_text.delta', item_id: 'msg_1', delta: text, logprobs: [] })
const responses = {
  shape: 'openai-responses',
  contentType: EVENTS,
  hidesUsage: false,
  usage: { input: 9, output: 4 },
} as const

const ofResponses: readonly Stream[] = [
  {
    ...responses,
    name: 'a response',
    events: named(
      { type: 'response.created', response: response('in_progress', null) },
      delta('Häl'),
      delta('lo\n'),
      { type: 'response.output_text.done', text: 'Hällo\n' },
      {
        type: 'response.output_item.done',
        item: { type: 'message', content: [{ type: 'output_text', text: 'Hällo\n' }] },
      },
      { type: 'response.completed', response: response('completed', used) },
    ),
    heldFrom: 5,
    written: 'Hällo\n',
  },
  {
    ...responses,
    name: 'a response that calls a tool',
    events: named(
      { type: 'response.created', response: response('in_progress', null) },
      { type: 'response.output_item.done', item: { type: 'web_search_call', id: 'ws_1', status: 'completed' } } as {
        type: string
      },
      { type: 'response.function_call_arguments.delta', delta: '{"a":1}' },
      { type: 'response.function_call_arguments.done', arguments: '{"a":1}' },
      { type: 'response.output_item.done', item: { type: 'function_call', name: 'pay', arguments: '{"a":1}' } } as {
        type: string
      },
      delta('Bye'),
      { type: 'response.incomplete', response: response('incomplete', used) },
    ),
    heldFrom: 3,
    written: '{"a":1}Bye',
  },
  {
    ...responses,
    name: 'a response of a host that sends whole items, with types behind',
    events: sse(
      { response: { ...response('in_progress', null), background: false }, type: 'response.created' },
      {
        item: { id: 'i', type: 'custom_tool_call', name: 'sql', input: 'SELECT 1' },
        type: 'response.output_item.done',
      },
      { response: response('completed', used), type: 'response.completed' },
    ),
    heldFrom: 1,
    written: 'sqlSELECT 1',
  },
]

const claude = { shape: 'anthropic', contentType: EVENTS, hidesUsage: false, usage: { input: 9, output: 4 } } as const
const start = {
  type: 'message_start',
  message: { type: 'message', model: 'claude-haiku-4-5', content: [], usage: { input_tokens: 9, output_tokens: 1 } },
}
const block = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block })
const piece = (index: number, of: object) => ({ type: 'content_block_delta', index, delta: of })
const stop = (index: number) => ({ type: 'content_block_stop', index })
const last = (reason: string) => [
  { type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 4 } },
  { type: 'message_stop' },
]

const messages: readonly Stream[] = [
  {
    ...claude,
    name: 'a message',
    events: named(
      start,
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      { type: 'ping' },
      piece(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      piece(0, { type: 'signature_delta', signature: 'c2lnbmVk' }),
      stop(0),
      block(1, { type: 'text', text: '' }),
      piece(1, { type: 'text_delta', text: 'Grüß\n' }),
      stop(1),
      ...last('end_turn'),
    ),
    heldFrom: 10,
    written: 'Hm.Grüß\n',
  },
  {
    ...claude,
    name: 'a message that calls a tool, after one that Anthropic runs',
    events: named(
      start,
      block(0, { type: 'server_tool_use', id: 's', name: 'web', input: {} }),
      piece(0, { type: 'input_json_delta', partial_json: '{"q":1}' }),
      stop(0),
      block(1, { type: 'web_search_tool_result', content: [{ title: 'not written' }] }),
      stop(1),
      block(2, { type: 'tool_use', id: 't', name: 'pay', input: {} }),
      piece(2, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      stop(2),
      block(3, { type: 'text', text: '' }),
      stop(3),
      ...last('tool_use'),
    ),
    heldFrom: 8,
    written: 'web{"q":1}pay{"a":1}',
  },
]

const part = (of: object, more: object = {}) => ({
  candidates: [{ content: { parts: [of] }, ...more }],
  modelVersion: 'gemini-3-pro',
})
const meta = (output: number) => ({
  usageMetadata: { promptTokenCount: 9, candidatesTokenCount: output, totalTokenCount: 9 + output },
})
const gemini = { shape: 'gemini', contentType: EVENTS, hidesUsage: false, usage: { input: 9, output: 4 } } as const

const others: readonly Stream[] = [
  {
    ...gemini,
    name: 'an answer of Gemini',
    events: sse(
      { ...part({ text: 'Grü' }), ...meta(1) },
      { ...part({ text: 'ße' }), ...meta(2) },
      { ...part({ text: '!' }, { finishReason: 'STOP' }), ...meta(4) },
    ),
    heldFrom: 2,
    written: 'Grüße!',
  },
  {
    ...gemini,
    name: 'an answer of Gemini that calls a tool',
    events: sse(
      { ...part({ text: 'Hm' }), ...meta(1) },
      { ...part({ functionCall: { name: 'pay', args: { a: 'x' } } }), ...meta(3) },
      { ...part({ text: '' }, { finishReason: 'STOP' }), ...meta(4) },
    ),
    heldFrom: 1,
    written: 'Hmpayx',
  },
  {
    name: 'a chat with Ollama that calls a tool',
    shape: 'ollama',
    contentType: 'application/x-ndjson',
    hidesUsage: false,
    events: [
      { model: 'llama3', message: { role: 'assistant', content: 'Grü' }, done: false },
      {
        model: 'llama3',
        message: { role: 'assistant', content: '', tool_calls: [{ function: { name: 'pay', arguments: { a: 'x' } } }] },
        done: false,
      },
      { model: 'llama3', message: { role: 'assistant', content: '' }, done: true, prompt_eval_count: 9, eval_count: 4 },
    ].map((line) => `${JSON.stringify(line)}\n`),
    heldFrom: 1,
    usage: { input: 9, output: 4 },
    written: 'Grüpayx',
  },
  {
    name: 'a transcript',
    shape: 'openai-audio',
    contentType: EVENTS,
    hidesUsage: false,
    events: sse(
      { type: 'transcript.text.delta', delta: 'Grü' },
      { type: 'transcript.text.delta', delta: 'ße' },
      {
        type: 'transcript.text.done',
        text: 'Grüße',
        usage: { type: 'tokens', input_tokens: 9, output_tokens: 4, total_tokens: 13 },
      },
    ),
    heldFrom: 2,
    usage: { input: 9, output: 4 },
    written: 'Grüße',
  },
]

/** Streams of every shape, written by hand, whose models tell what they used. */
export const STREAMS: readonly Stream[] = [...chats, ...ofResponses, ...messages, ...others]

/** A picture that is made bit by bit. */
export const PICTURE: Stream = {
  name: 'a picture',
  shape: 'openai-images',
  contentType: EVENTS,
  hidesUsage: false,
  events: named(
    { type: 'image_generation.partial_image', b64_json: 'AAAA' },
    {
      type: 'image_generation.completed',
      b64_json: 'AAAA',
      usage: {
        input_tokens: 9,
        output_tokens: 4,
        total_tokens: 13,
        input_tokens_details: { text_tokens: 9, image_tokens: 0 },
      },
    },
  ),
  heldFrom: 1,
  usage: { input: 9, output: 0, outputImage: 4 },
  written: '',
}
