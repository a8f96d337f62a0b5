import { eventOf, type Fields, fieldsOf, textIn, typeOf } from './event-json.ts'
import { endOfPlain, matched } from './plain-string.ts'
import type { Protocol, StreamNotes, Verdict } from './protocol.ts'

const LAST = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled'])
const FIRST = new Set(['response.created', 'response.queued', 'response.in_progress'])
const CALL_DONE = new Set(['response.function_call_arguments.done', 'response.custom_tool_call_input.done'])
/** What OpenAI runs by itself; all other calls wait for their caller. */
const HOSTED = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
])
const OPAQUE = /audio\.delta$|partial_image$/
const TEXT = '"delta":"'
const DELTA = /"delta"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"/
const USAGE = /"usage"\s*:\s*\{/

/** Responses. Only the events that end one tell its usage. */
export class OpenaiResponses implements Protocol {
  #hasDeltas = false

  see(data: string, notes: StreamNotes): Verdict {
    if (data.startsWith('[DONE]')) return 'end'
    const type = typeOf(data)
    if (OPAQUE.test(type)) notes.seen.addOpaque()
    else if (type.endsWith('.delta')) this.#delta(data, notes)
    else if (LAST.has(type)) return last(data, notes)
    else if (type === 'response.output_item.done') return this.#item(fieldsOf(eventOf(data).item), notes)
    else if (CALL_DONE.has(type)) return 'hold'
    else if (type === 'error') return failed(notes)
    else if (FIRST.has(type)) begin(fieldsOf(eventOf(data).response), notes)
    else return this.#other(data, notes)
    return 'pass'
  }

  #delta(data: string, notes: StreamNotes): void {
    this.#hasDeltas = true
    const start = data.indexOf(TEXT) + TEXT.length
    const end = start < TEXT.length ? -1 : endOfPlain(data, start)
    const found = end === -1 ? matched(DELTA, data) : null
    if (end !== -1) notes.seen.addPlain(end - start)
    else if (found === null) notes.seen.add(textIn(eventOf(data).delta))
    else notes.seen.addJson(found[1] ?? '')
  }

  /** Some hosts send whole items only. */
  #item(item: Fields, notes: StreamNotes): Verdict {
    if (!this.#hasDeltas) notes.seen.add(textIn(item))
    this.#hasDeltas = false
    const type = String(item.type)
    const isCall = type.endsWith('_call') || type === 'mcp_approval_request'
    return isCall && !HOSTED.has(type) ? 'hold' : 'pass'
  }

  #other(data: string, notes: StreamNotes): Verdict {
    if (USAGE.test(data)) notes.tellOnly(data)
    if (!data.includes('"response.')) notes.seen.addOpaque()
    return data.startsWith('{"error"') ? failed(notes) : 'pass'
  }
}

function last(data: string, notes: StreamNotes): Verdict {
  notes.tellOnly(data)
  notes.isOver = true
  return 'end'
}

/** The failed response itself comes behind it. */
function failed(notes: StreamNotes): Verdict {
  notes.hasFailed = true
  return 'hold'
}

/** What is made in the background goes on when nobody listens. */
function begin({ id, background }: Fields, notes: StreamNotes): void {
  if (background === true && typeof id === 'string') notes.pendingId = id
}
