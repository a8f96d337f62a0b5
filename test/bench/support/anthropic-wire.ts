import { Anthropic } from '@anthropic-ai/sdk'
import { Anthropic as Guarded } from '@holdfast/anthropic'
import type { Ledger } from 'holdfast'
import type { ClientOptions, Request, WireClient, WireSdk } from './wire-sdk.ts'

const MODEL = 'claude-haiku-4-5'
const USAGE = { input_tokens: 100, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
const HEAD = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: MODEL,
  stop_reason: 'end_turn',
  stop_sequence: null,
}

function clientOf(client: Anthropic): WireClient {
  type Body = Anthropic.MessageCreateParamsNonStreaming
  return {
    ask: (request) => client.messages.create(request as Body),
    stream: (request) => client.messages.create({ ...(request as Body), stream: true }),
  }
}

function optionsOf(options: ClientOptions) {
  return { apiKey: 'sk-test', maxRetries: 0, ...options }
}

/** Anthropic's messages. */
export const anthropicWire: WireSdk = {
  provider: 'anthropic',
  model: MODEL,
  bare: (options) => clientOf(new Anthropic(optionsOf(options))),
  guarded: (options: ClientOptions, ledger: Ledger) => clientOf(new Guarded({ ...optionsOf(options), ledger })),
  request: (messages): Request => ({ model: MODEL, max_tokens: 20_000, messages }) as Request,
  answer: JSON.stringify({
    ...HEAD,
    content: [{ type: 'text', text: 'A short answer to what was asked.' }],
    usage: USAGE,
  }),
  events: (words) =>
    [
      { type: 'message_start', message: { ...HEAD, content: [], stop_reason: null, usage: USAGE } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...Array.from({ length: words }, (_, index) => ({
        ...{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ` word${index}` } },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: words },
      },
      { type: 'message_stop' },
    ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
}
