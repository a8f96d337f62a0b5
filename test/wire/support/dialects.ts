import { MESSAGE, message, SPOKEN } from './anthropic-bodies.ts'
import { CHAT, chat, chatEvents } from './openai-bodies.ts'
import { ANTHROPIC, type AnthropicClient, OPENAI, type OpenAIClient, type Sdk } from './sdks.ts'
import { DONE, SSE, sse } from './wire-case.ts'
import type { Answer } from './wire-server.ts'

export interface AnyStream extends AsyncIterable<unknown> {
  readonly controller: AbortController
}

/** How a model is asked with one client or the other, and what it answers. */
export interface Dialect {
  readonly name: string
  readonly sdk: Sdk<unknown>
  ask(client: unknown, options?: object): Promise<unknown>
  stream(client: unknown, options?: object): Promise<AnyStream>
  /** Whole answers, with their usage and without. */
  readonly json: Answer
  readonly jsonWithoutUsage: Answer
  readonly events: Answer
  readonly eventsWithoutUsage: Answer
  /** The first words of a stream, which then goes on or breaks off. */
  readonly begun: Answer
  readonly errorEvent: Answer
  /** Tokens that the whole answers say. */
  readonly tokens: number
}

const SAID = [chunk('Hello'), chunk(' — thére')]
const LAST = { ...chunk(''), choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
const FAILED = { error: { message: 'Overloaded.', type: 'server_error', code: null, param: null } }

function chunk(content: string): object {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }]
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5', choices }
}

function stream(list: readonly object[], ...rest: readonly string[]): Answer {
  return { type: SSE, body: sse(list, ...rest) }
}

function openai(sdk: Sdk<OpenAIClient>): Dialect {
  return {
    name: sdk.name,
    sdk: sdk as Sdk<unknown>,
    ask: (client, options) => (client as OpenAIClient).chat.completions.create(CHAT, options),
    stream: (client, options) =>
      (client as OpenAIClient).chat.completions.create({ ...CHAT, stream: true }, options) as Promise<AnyStream>,
    json: { body: JSON.stringify(chat()) },
    jsonWithoutUsage: { body: JSON.stringify(chat(undefined, {})) },
    events: stream(chatEvents([...SAID, LAST], true), DONE),
    eventsWithoutUsage: stream([...SAID, LAST], DONE),
    begun: stream(SAID),
    errorEvent: stream([...SAID, FAILED]),
    tokens: 29,
  }
}

const END = [
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 12 } },
  { type: 'message_stop' },
]
const OVERLOADED = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded.' } }
const [START = {}, ...WORDS] = SPOKEN as readonly { readonly message?: object }[]
const UNTOLD = { ...START, message: { ...START.message, usage: undefined } }

function anthropic(sdk: Sdk<AnthropicClient>): Dialect {
  return {
    name: sdk.name,
    sdk: sdk as Sdk<unknown>,
    ask: (client, options) => (client as AnthropicClient).messages.create(MESSAGE, options),
    stream: (client, options) =>
      (client as AnthropicClient).messages.create({ ...MESSAGE, stream: true }, options) as Promise<AnyStream>,
    json: { body: JSON.stringify(message()) },
    jsonWithoutUsage: { body: JSON.stringify({ ...message(), usage: undefined }) },
    events: stream([...SPOKEN, ...END]),
    eventsWithoutUsage: stream([UNTOLD, ...WORDS, { ...END[0], usage: undefined }, { type: 'message_stop' }]),
    begun: stream(SPOKEN),
    errorEvent: stream([...SPOKEN, OVERLOADED]),
    tokens: 45,
  }
}

export const DIALECTS: readonly Dialect[] = [...OPENAI.map(openai), ...ANTHROPIC.map(anthropic)]
