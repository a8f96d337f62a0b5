import { fieldsOf, piecesOf, type Shape, type Told } from '../shape.ts'

export const anthropic: Shape = {
  json: (told) => ({
    ...headOf(told),
    content: blocksOf(told),
    stop_reason: stopOf(told),
    usage: { ...inputOf(told), output_tokens: told.usage.output },
  }),
  events: (told) => {
    const start = { ...headOf(told), content: [], stop_reason: null, usage: { ...inputOf(told), output_tokens: 1 } }
    const delta = { stop_reason: stopOf(told), stop_sequence: null }
    const events = [
      { type: 'message_start', message: start },
      ...blocksOf(told).flatMap((block, index) => blockEvents(told, block, index)),
      { type: 'message_delta', delta, usage: { output_tokens: told.usage.output } },
      { type: 'message_stop' },
    ]
    return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  },
  error: (status, message) => ({ type: 'error', error: { type: errorType(status), message }, request_id: null }),
}

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object }

function headOf({ number, model }: Told): object {
  return { id: `msg_${number}`, type: 'message', role: 'assistant', model, stop_sequence: null }
}

function blocksOf({ text, calls }: Told): Block[] {
  const said: Block[] = text === undefined ? [] : [{ type: 'text', text }]
  // It has no way to answer with arguments that are no JSON, but in a stream.
  const asked = calls.map(({ id, name, args }): Block => ({ type: 'tool_use', id, name, input: fieldsOf(args) }))
  return [...said, ...asked]
}

function blockEvents({ calls }: Told, block: Block, index: number): { type: string }[] {
  const [empty, deltas] =
    block.type === 'text'
      ? [{ ...block, text: '' }, piecesOf(block.text).map((text) => ({ type: 'text_delta', text }))]
      : [
          { ...block, input: {} },
          piecesOf(argsOf(calls, block.id)).map((json) => ({ type: 'input_json_delta', partial_json: json })),
        ]
  return [
    { type: 'content_block_start', index, content_block: empty } as { type: string },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index } as { type: string },
  ]
}

function argsOf(calls: Told['calls'], id: string): string {
  return calls.find((call) => call.id === id)?.args ?? '{}'
}

function stopOf({ cutOff, calls }: Told): string {
  if (cutOff) return 'max_tokens'
  return calls.length === 0 ? 'end_turn' : 'tool_use'
}

function inputOf({ usage }: Told): object {
  return { input_tokens: usage.input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
}

function errorType(status: number): string {
  if (status === 429) return 'rate_limit_error'
  if (status === 529) return 'overloaded_error'
  return status >= 500 ? 'api_error' : 'invalid_request_error'
}
