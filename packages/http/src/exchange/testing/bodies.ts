/** A chat completion as OpenAI answers it. */
export function completion(text: string, usage: readonly [input: number, output: number] = [10, 5]): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-mini',
    choices: [
      { index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop', logprobs: null },
    ],
    usage: { prompt_tokens: usage[0], completion_tokens: usage[1], total_tokens: usage[0] + usage[1] },
  }
}

/** The events of the same as a stream; `tells`: its usage comes, as it does where it was asked for. */
export function chunks(words: readonly string[], tells: boolean, usage: readonly [number, number] = [10, 5]): string[] {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini' }
  const none = tells ? { usage: null } : {}
  const said = words.map((content) => ({
    ...head,
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
    ...none,
  }))
  const stop = { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...none }
  const total = { prompt_tokens: usage[0], completion_tokens: usage[1], total_tokens: usage[0] + usage[1] }
  const told = tells ? [{ ...head, choices: [], usage: total }] : []
  return [...[...said, stop, ...told].map(event), 'data: [DONE]\n\n']
}

/** The events of a chat stream that calls a tool. */
export function toolChunks(name: string, args: string): string[] {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini', usage: null }
  const call = { index: 0, id: 'call_1', type: 'function', function: { name, arguments: args } }
  const deltas = [
    { ...head, choices: [{ index: 0, delta: { content: 'One moment.' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
    { ...head, choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } },
  ]
  return [...deltas.map(event), 'data: [DONE]\n\n']
}

/** A message as Anthropic answers it. */
export function message(text: string, usage: readonly [input: number, output: number] = [10, 5]): object {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: usage[0], output_tokens: usage[1] },
  }
}

/** The events of the same as a stream. */
export function messageEvents(words: readonly string[], usage: readonly [number, number] = [10, 5]): string[] {
  const start = { ...message('', [usage[0], 1]), content: [], stop_reason: null }
  return [
    { type: 'message_start', message: start },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: usage[1] },
    },
    { type: 'message_stop' },
  ].map((one) => `event: ${one.type}\n${event(one)}`)
}

function event(one: unknown): string {
  return `data: ${JSON.stringify(one)}\n\n`
}
