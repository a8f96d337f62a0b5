import { CREATED, piecesOf, type Shape, type Told, type ToldCall } from '../shape.ts'
import { openaiError } from './openai-chat.ts'

export const openaiResponses: Shape = {
  json: (told) => responseOf(told, endOf(told)),
  events: (told) => {
    const started = responseOf(told, { status: 'in_progress', output: [], usage: null, incomplete_details: null })
    const events = [
      { type: 'response.created', response: started },
      { type: 'response.in_progress', response: started },
      ...itemsOf(told).flatMap((item, index) => itemEvents(item, index)),
      { type: told.cutOff ? 'response.incomplete' : 'response.completed', response: responseOf(told, endOf(told)) },
    ]
    return events.map(
      (event, index) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`,
    )
  },
  error: openaiError,
}

interface Item extends Readonly<Record<string, unknown>> {
  readonly id: string
  readonly type: string
}

function responseOf({ number, model }: Told, end: object): object {
  return {
    id: `resp_${number}`,
    object: 'response',
    created_at: CREATED,
    model,
    error: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    ...end,
  }
}

function endOf(told: Told): object {
  const { input, output } = told.usage
  const usage = {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  }
  const status = told.cutOff ? 'incomplete' : 'completed'
  const incomplete_details = told.cutOff ? { reason: 'max_output_tokens' } : null
  return { status, incomplete_details, output: itemsOf(told), usage }
}

function itemsOf({ number, text, calls }: Told): Item[] {
  const message = (said: string) => ({
    id: `msg_${number}`,
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text: said, annotations: [], logprobs: [] }],
  })
  return [...(text === undefined ? [] : [message(text)]), ...calls.map(callItem)]
}

function callItem({ id, name, args }: ToldCall): Item {
  return { id: `fc_${id}`, type: 'function_call', status: 'completed', call_id: id, name, arguments: args }
}

function itemEvents(item: Item, index: number): { type: string }[] {
  const place = { output_index: index, item_id: item.id }
  const isCall = item.type === 'function_call'
  const empty = { ...item, status: 'in_progress', ...(isCall ? { arguments: '' } : { content: [] }) }
  return [
    { type: 'response.output_item.added', output_index: index, item: empty } as { type: string },
    ...(isCall ? callEvents(item, place) : textEvents(item, place)),
    { type: 'response.output_item.done', output_index: index, item } as { type: string },
  ]
}

function callEvents(item: Item, place: object): { type: string }[] {
  const args = String(item.arguments)
  const deltas = piecesOf(args).map((delta) => ({ type: 'response.function_call_arguments.delta', ...place, delta }))
  const done = { type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: args }
  return [...deltas, done]
}

function textEvents(item: Item, place: object): { type: string }[] {
  const [part] = item.content as readonly { readonly text: string }[]
  const text = part?.text ?? ''
  const where = { ...place, content_index: 0 }
  return [
    { type: 'response.content_part.added', ...where, part: { ...part, text: '' } } as { type: string },
    ...piecesOf(text).map((delta) => ({ type: 'response.output_text.delta', ...where, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...where, text, logprobs: [] } as { type: string },
    { type: 'response.content_part.done', ...where, part } as { type: string },
  ]
}
