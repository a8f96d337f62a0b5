import { OpenAI as Guarded } from '@holdfast/openai'
import type { Ledger } from 'holdfast'
import { OpenAI } from 'openai'
import type { ClientOptions, Request, WireClient, WireSdk } from './wire-sdk.ts'

const MODEL = 'gpt-5'
const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }
const HEAD = { id: 'chatcmpl-1', created: 1, model: 'gpt-5-2025-08-07', service_tier: 'default' }
const MESSAGE = { role: 'assistant', content: 'A short answer to whatever it was that was asked.', refusal: null }

function clientOf(client: OpenAI): WireClient {
  type Body = OpenAI.ChatCompletionCreateParamsNonStreaming
  return {
    ask: (request) => client.chat.completions.create(request as Body),
    stream: (request) => client.chat.completions.create({ ...(request as Body), stream: true }),
  }
}

function optionsOf({ baseURL, ...rest }: ClientOptions) {
  return { apiKey: 'sk-test', baseURL: `${baseURL}/v1`, maxRetries: 0, ...rest }
}

function chunk(delta: object, finish: string | null = null): object {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }]
  return { ...HEAD, object: 'chat.completion.chunk', system_fingerprint: 'fp_de604bd877', choices, usage: null }
}

/** OpenAI's chat: a guarded client asks for the usage of a stream, and hides it. */
export const openaiWire: WireSdk = {
  provider: 'openai',
  model: MODEL,
  bare: (options) => clientOf(new OpenAI(optionsOf(options))),
  guarded: (options: ClientOptions, ledger: Ledger) => clientOf(new Guarded({ ...optionsOf(options), ledger })),
  request: (messages): Request => ({ model: MODEL, messages }),
  answer: JSON.stringify({
    ...{ ...HEAD, object: 'chat.completion', usage: USAGE },
    choices: [{ index: 0, message: MESSAGE, logprobs: null, finish_reason: 'stop' }],
  }),
  events: (words) => {
    const said = Array.from({ length: words }, (_, index) => chunk({ content: ` word${index}` }))
    const told = { ...chunk({}), choices: [], usage: USAGE }
    const all = [...said, chunk({}, 'stop'), told].map((one) => `data: ${JSON.stringify(one)}\n\n`)
    return [...all, 'data: [DONE]\n\n']
  },
}
