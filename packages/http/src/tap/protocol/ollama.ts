import { eventOf, fieldsOf, itemsOf, textIn } from './event-json.ts'
import type { Protocol, StreamNotes, Verdict } from './protocol.ts'

/** `/api/chat` and `/api/generate`: a line of JSON for each bit, the last of which tells what was used. */
export class Ollama implements Protocol {
  see(data: string, notes: StreamNotes): Verdict {
    const { error, message, response, thinking, done } = eventOf(data)
    if (error !== undefined) return 'fail'
    if ((message ?? response ?? thinking ?? done) === undefined) notes.seen.addOpaque()
    notes.seen.add(textIn(message) + textIn(response) + textIn(thinking))
    if (done === true) {
      notes.tellOnly(data)
      notes.isOver = true
      return 'end'
    }
    return itemsOf(fieldsOf(message).tool_calls).length > 0 ? 'hold' : 'pass'
  }
}
