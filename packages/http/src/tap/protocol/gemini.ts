import { eventOf, type Fields, fieldsOf, itemsOf, textIn } from './event-json.ts'
import type { Protocol, StreamNotes, Verdict } from './protocol.ts'

/** `streamGenerateContent`. No event says that it is the last: what may be it waits for the end of the body. */
export class Gemini implements Protocol {
  see(data: string, notes: StreamNotes): Verdict {
    const event = eventOf(data)
    if (event.error !== undefined) return 'fail'
    // Each tells what it is by then.
    if (event.usageMetadata !== undefined) notes.tellOnly(data)
    if (event.candidates === undefined && event.usageMetadata === undefined && event.promptFeedback === undefined)
      notes.seen.addOpaque()
    const candidates = itemsOf(event.candidates)
    const parts = candidates.flatMap(({ content }) => itemsOf(fieldsOf(content).parts))
    notes.seen.add(parts.map(written).join(''))
    if (parts.some(({ inlineData, fileData }) => (inlineData ?? fileData) !== undefined)) notes.seen.addOpaque()
    const isBlocked = fieldsOf(event.promptFeedback).blockReason !== undefined
    if (isBlocked || candidates.some(({ finishReason }) => finishReason !== undefined)) notes.isFinished = true
    return notes.isFinished || parts.some(({ functionCall }) => functionCall !== undefined) ? 'hold' : 'pass'
  }
}

/** What a tool that Google runs put out was read by the model, not written. */
function written({ text, functionCall, executableCode }: Fields): string {
  return textIn(text) + textIn(functionCall) + textIn(executableCode)
}
