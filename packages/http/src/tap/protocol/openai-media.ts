import { eventOf, textIn, typeOf } from './event-json.ts'
import type { Protocol, StreamNotes, Verdict } from './protocol.ts'

const LAST = new Set([
  'image_generation.completed',
  'image_edit.completed',
  'transcript.text.done',
  'speech.audio.done',
])
const TEXT = 'transcript.text.delta'

/** Pictures, speech and transcripts: nobody can count what came out of the first two. */
export class OpenaiMedia implements Protocol {
  see(data: string, notes: StreamNotes): Verdict {
    if (data.startsWith('[DONE]')) return 'end'
    const type = typeOf(data)
    if (LAST.has(type)) {
      notes.tellOnly(data)
      notes.isOver = true
      return 'end'
    }
    if (type === TEXT) notes.seen.add(textIn(eventOf(data).delta))
    else if (type === 'error' || data.startsWith('{"error"')) return 'fail'
    else if (!type.startsWith('transcript.')) notes.seen.addOpaque()
    return 'pass'
  }
}
