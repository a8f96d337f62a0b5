import type { OpenAIClient } from './sdks.ts'
import { DONE, SSE, sse, streamUsageOf, usageOf, type WireCase } from './wire-case.ts'
import type { Answer, Heard } from './wire-server.ts'

type Case = WireCase<OpenAIClient>

const PROVIDER = 'openai'
export const MESSAGES = [{ role: 'user' as const, content: 'Say hello.' }]
export const CHAT = { model: 'gpt-5', messages: MESSAGES }
export const INPUT = { model: 'gpt-5', input: 'Say hello.' }
const FILE = () => new File(['abc'], 'a.mp3', { type: 'audio/mpeg' })

export const CHAT_USAGE = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 3, accepted_prediction_tokens: 0 },
}
const TOOL_CALLS = [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":"é"}' } }]

export function chat(message: object = { content: 'Hello — thére 🙂' }, rest: object = { usage: CHAT_USAGE }): object {
  const choices = [{ index: 0, message: { role: 'assistant', refusal: null, ...message }, finish_reason: 'stop' }]
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-5-2025-08-07', choices, ...rest }
}

function chunk(delta: object, finish: string | null = null): object {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }]
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5-2025-08-07', choices }
}

const WORDS = [
  chunk({ role: 'assistant', content: '', refusal: null }),
  chunk({ content: 'Hello' }),
  chunk({ content: ' — thére 🙂' }),
  chunk({ content: '"usage":null, "choices":[]' }),
]
const TOOLED = [
  chunk({ role: 'assistant', content: null }),
  chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '"é"}' } }] }),
  chunk({ tool_calls: [{ index: 1, id: 'call_2', type: 'function', function: { name: 'g', arguments: '{}' } }] }),
  chunk({}, 'tool_calls'),
]

/** As the provider sends it: with its usage only where that is asked for. */
export function chatEvents(deltas: readonly object[], tells: boolean): object[] {
  if (!tells) return [...deltas]
  return [...deltas.map((one) => ({ ...one, usage: null })), { ...chunk({}), choices: [], usage: CHAT_USAGE }]
}

function tells({ json }: Heard): boolean {
  return json?.stream_options?.include_usage === true
}

/** Whether or not the caller asks for its usage. */
function chatStreams(name: string, deltas: readonly object[]): Case[] {
  const answer = (heard: Heard): Answer => ({ type: SSE, body: sse(chatEvents(deltas, tells(heard)), DONE) })
  const usage = streamUsageOf(chatEvents(deltas, true), PROVIDER)
  const streamed = { ...CHAT, stream: true } as const
  const told = { ...streamed, stream_options: { include_usage: true } }
  return [
    { name, answer, usage, ask: (client) => client.chat.completions.create(streamed) },
    { name: `${name}, usage asked for`, answer, usage, ask: (client) => client.chat.completions.create(told) },
  ]
}

/** A chat stream whose text is as given, whatever was asked for. */
function oddChat(name: string, body: string, usage: Case['usage'] = undefined): Case {
  const streamed = { ...CHAT, stream: true, stream_options: { include_usage: true } } as const
  const ask: Case['ask'] = (client) => client.chat.completions.create(streamed)
  return { name, ask, usage, answer: () => ({ type: SSE, body }) }
}

const FAILED = { error: { message: 'The model is overloaded.', type: 'server_error', code: 'overloaded', param: null } }
const TOLD = chatEvents([...WORDS, chunk({}, 'stop')], true)
const TOLD_USAGE = streamUsageOf(TOLD, PROVIDER)

const CHATS: readonly Case[] = [
  json('chat', chat(), (client) => client.chat.completions.create(CHAT)),
  json('chat with tools', chat({ content: null, tool_calls: TOOL_CALLS }), (client) =>
    client.chat.completions.create(CHAT),
  ),
  json('chat without usage', chat({}, {}), (client) => client.chat.completions.create(CHAT)),
  json('chat, parsed', chat({ content: '{"a":1}' }), (client) => client.chat.completions.parse(CHAT)),
  json('chat through a text', chat(), (client) => client.post('/chat/completions', { body: CHAT })),
  ...chatStreams('chat stream', [...WORDS, chunk({}, 'stop')]),
  ...chatStreams('chat stream with tools', TOOLED),
  oddChat('chat stream of lines that end in CRLF', sse(TOLD, DONE).replaceAll('\n', '\r\n'), TOLD_USAGE),
  oddChat('chat stream with comments', `: OPENROUTER PROCESSING\n\n${sse(TOLD, ': still here\n\n', DONE)}`, TOLD_USAGE),
  oddChat('chat stream without an end mark', sse(TOLD)),
  oddChat('chat stream that ends within an event', sse(TOLD).slice(0, -20)),
  oddChat('chat stream that goes on after its end', sse(TOLD, DONE, 'data: {"late":1}\n\n'), TOLD_USAGE),
  oddChat('chat stream with an error in it', sse([...WORDS.slice(0, 2), FAILED])),
  oddChat('chat stream that is no JSON', `${sse(WORDS.slice(0, 2))}data: {"broken\n\n${DONE}`),
  oddChat('chat stream without a body', ''),
]

const COMPLETION = { id: 'cmpl-1', object: 'text_completion', created: 1, model: 'gpt-3.5-turbo-instruct' }
const ASKED = { model: 'gpt-3.5-turbo-instruct', prompt: 'Say hello.' }
const PART = { ...COMPLETION, choices: [{ index: 0, text: 'Hello', logprobs: null, finish_reason: null }] }
const COMPLETED = { ...COMPLETION, choices: [{ index: 0, text: 'Hello', finish_reason: 'stop' }], usage: CHAT_USAGE }

const COMPLETIONS: readonly Case[] = [
  json('completions', COMPLETED, (client) => client.completions.create(ASKED)),
  {
    name: 'completions stream',
    ask: (client) => client.completions.create({ ...ASKED, stream: true }),
    usage: streamUsageOf([{ ...COMPLETION, choices: [], usage: CHAT_USAGE }], PROVIDER),
    answer: (heard) => ({ type: SSE, body: sse(partsOf(tells(heard)), DONE) }),
  },
]

function partsOf(isTold: boolean): object[] {
  return isTold
    ? [
        { ...PART, usage: null },
        { ...COMPLETION, choices: [], usage: CHAT_USAGE },
      ]
    : [PART]
}

const VECTORS = {
  object: 'list',
  model: 'text-embedding-3-small',
  data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
  usage: { prompt_tokens: 18, total_tokens: 18 },
}
const IMAGE_USAGE = {
  input_tokens: 11,
  output_tokens: 7,
  total_tokens: 18,
  input_tokens_details: { image_tokens: 1, text_tokens: 10 },
}
const IMAGES = { created: 1, data: [{ b64_json: 'AAAA'.repeat(20_000) }], usage: IMAGE_USAGE }
const IMAGE_EVENTS = [
  { type: 'image_generation.partial_image', b64_json: 'AAAA', partial_image_index: 0 },
  { type: 'image_generation.completed', b64_json: 'BBBB'.repeat(500), usage: IMAGE_USAGE },
]
const HEARD_USAGE = {
  ...{ type: 'tokens', input_tokens: 11, output_tokens: 7, total_tokens: 18 },
  input_token_details: { audio_tokens: 10, text_tokens: 1 },
}
const TRANSCRIPT = { model: 'gpt-4o-transcribe', response_format: 'json' } as const
const HEARD_EVENTS = [
  { type: 'transcript.text.delta', delta: 'hel' },
  { type: 'transcript.text.done', text: 'hello', usage: HEARD_USAGE },
]

const MEDIA: readonly Case[] = [
  json('embeddings', VECTORS, (client) =>
    client.embeddings.create({ model: 'text-embedding-3-small', input: 'a', encoding_format: 'float' }),
  ),
  json('a picture', IMAGES, (client) => client.images.generate({ model: 'gpt-image-1', prompt: 'a cat' })),
  events('a stream of pictures', IMAGE_EVENTS, (client) =>
    client.images.generate({ model: 'gpt-image-1', prompt: 'a cat', stream: true }),
  ),
  json('a transcription', { text: 'hello', usage: HEARD_USAGE }, (client) =>
    client.audio.transcriptions.create({ ...TRANSCRIPT, file: FILE() }),
  ),
  json('a transcription by the second', { text: 'hello', usage: { type: 'duration', seconds: 4 } }, (client) =>
    client.audio.transcriptions.create({ file: FILE(), model: 'whisper-1' }),
  ),
  events('a stream of a transcription', HEARD_EVENTS, (client) =>
    client.audio.transcriptions.create({ ...TRANSCRIPT, file: FILE(), stream: true }),
  ),
  {
    name: 'speech',
    ask: (client) => client.audio.speech.create({ model: 'tts-1', input: 'hello', voice: 'alloy' }),
    usage: undefined,
    answer: () => ({ type: 'audio/mpeg', body: Uint8Array.from({ length: 700 }, (_, at) => (at * 7) % 256) }),
  },
]

export function json(name: string, body: object, ask: Case['ask'], rest: Omit<Answer, 'body'> = {}): Case {
  const usage = (rest.status ?? 200) < 400 ? usageOf(body, PROVIDER) : undefined
  return { name, ask, usage, answer: () => ({ ...rest, body: JSON.stringify(body) }) }
}

/** Events that tell their usage by themselves. */
export function events(name: string, list: readonly object[], ask: Case['ask'], usage = streamUsageOf(list, PROVIDER)) {
  return { name, ask, usage, answer: () => ({ type: SSE, body: sse(list) }) }
}

/** Of every shape but the responses API's. */
export const OPENAI_BODIES: readonly Case[] = [...CHATS, ...COMPLETIONS, ...MEDIA]
