import { eventOf, fieldsOf, textIn, typeOf } from './event-json.ts'
import { AlikeStart, matched } from './plain-string.ts'
import type { Protocol, StreamNotes, Verdict } from './protocol.ts'

const BEHIND_TEXT = '"}'
/** What nearly all deltas are. */
const PLAIN_DELTA =
  /"delta":\{"type":"(?:text_delta","text|thinking_delta","thinking|input_json_delta","partial_json)":"([^"\\]*(?:\\.[^"\\]*)*)"\}/
/** What no model wrote: its thoughts' seal, and what it was given to read. */
const NOT_WRITTEN = new Set(['signature_delta', 'citations_delta'])
/** The only calls that wait for their caller; Anthropic runs the others by itself. */
const CALL = 'tool_use'

/** Messages. The start tells the input, each delta what came out so far. */
export class Anthropic implements Protocol {
  /** The blocks that are tool calls of the caller's. */
  readonly #calls = new Set<unknown>()

  readonly #plain = new AlikeStart()

  see(data: string, notes: StreamNotes): Verdict {
    const end = this.#plain.endOfText(data)
    if (end !== -1 && data.startsWith(BEHIND_TEXT, end)) {
      notes.seen.addPlain(end - this.#plain.length)
      return 'pass'
    }
    switch (typeOf(data)) {
      case 'content_block_delta':
        return delta(data, this.#plain, notes)
      case 'content_block_start':
        return this.#begin(data, notes)
      case 'content_block_stop':
        return this.#calls.size > 0 && this.#calls.has(eventOf(data).index) ? 'hold' : 'pass'
      case 'message_start':
      case 'message_delta':
        notes.telling.push(data)
        return 'pass'
      case 'message_stop':
        notes.isOver = true
        return 'end'
      case 'error':
        return 'fail'
      case 'ping':
        return 'pass'
      default:
        notes.seen.addOpaque()
        return 'pass'
    }
  }

  #begin(data: string, notes: StreamNotes): Verdict {
    const { index, content_block } = eventOf(data)
    const type = String(fieldsOf(content_block).type)
    if (type === CALL) this.#calls.add(index)
    // Results are read by the model, not written.
    if (!type.endsWith('_result')) notes.seen.add(textIn(content_block))
    return 'pass'
  }
}

function delta(data: string, plain: AlikeStart, notes: StreamNotes): Verdict {
  const found = matched(PLAIN_DELTA, data)
  if (found !== null) {
    const [all, text = ''] = found
    plain.learn(data, found.index + all.length - BEHIND_TEXT.length - text.length)
    notes.seen.addJson(text)
  } else {
    const { delta } = eventOf(data)
    if (!NOT_WRITTEN.has(String(fieldsOf(delta).type))) notes.seen.add(textIn(delta))
  }
  return 'pass'
}
