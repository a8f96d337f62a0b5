import { CREATED, piecesOf, type Shape, type Told } from '../shape.ts'

export const openaiChat: Shape = {
  json: (told) => ({
    ...headOf(told, 'chat.completion'),
    choices: [{ index: 0, message: messageOf(told), finish_reason: finishOf(told), logprobs: null }],
    usage: usageOf(told),
  }),
  events: (told) => {
    const usage = { ...headOf(told, 'chat.completion.chunk'), choices: [], usage: usageOf(told) }
    const chunks = [...deltasOf(told).map((delta) => chunkOf(told, delta)), chunkOf(told, {}, finishOf(told))]
    const all = told.tellsUsage ? [...chunks.map((chunk) => ({ ...chunk, usage: null })), usage] : chunks
    return [...all.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n']
  },
  error: openaiError,
}

/** All of OpenAI's endpoints say it so. */
export function openaiError(status: number, message: string): object {
  const type = status >= 500 ? 'server_error' : status === 429 ? 'rate_limit_exceeded' : 'invalid_request_error'
  return { error: { message, type, param: null, code: null } }
}

function headOf({ number, model }: Told, object: string): object {
  return { id: `chatcmpl-${number}`, object, created: CREATED, model }
}

function messageOf({ text, calls }: Told): object {
  const message = { role: 'assistant', content: text ?? null, refusal: null }
  return calls.length === 0 ? message : { ...message, tool_calls: calls.map(callOf) }
}

function callOf({ id, name, args }: Told['calls'][number]): object {
  return { id, type: 'function', function: { name, arguments: args } }
}

function deltasOf({ text, calls }: Told): object[] {
  const texts = piecesOf(text ?? '').map((content) => ({ content }))
  const deltas = calls.flatMap((call, index) => [
    { tool_calls: [{ index, ...callOf({ ...call, args: '' }) }] },
    ...piecesOf(call.args).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ])
  return [{ role: 'assistant', content: text === undefined ? null : '', refusal: null }, ...texts, ...deltas]
}

function chunkOf(told: Told, delta: object, finish: string | null = null): object {
  const choices = [{ index: 0, delta, finish_reason: finish, logprobs: null }]
  return { ...headOf(told, 'chat.completion.chunk'), choices }
}

function finishOf({ cutOff, calls }: Told): string {
  if (cutOff) return 'length'
  return calls.length === 0 ? 'stop' : 'tool_calls'
}

function usageOf({ usage: { input, output } }: Told): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  }
}
