import { eventOf, type Fields, fieldsOf, itemsOf, textIn } from './event-json.ts'
import type { Protocol, StreamNotes, Verdict } from './protocol.ts'

const LAST = '[DONE]'
/** What nearly all chunks are: one answer goes on by a bit of text. The rest is taken apart. */
const PLAIN_CHUNK =
  /"choices":\[\{"index":0,"delta":\{"content":"([^"\\]*(?:\\.[^"\\]*)*)"\},(?:"logprobs":null,)?"finish_reason":null\}\]/
const USAGE = /"usage"\s*:\s*\{/

/** Chat completions and completions, of OpenAI and all who speak like it. */
export class OpenaiChat implements Protocol {
  /** The tool calls that each answer has begun. */
  readonly #begun = new Map<unknown, unknown>()

  see(data: string, notes: StreamNotes): Verdict {
    if (data.startsWith(LAST)) {
      notes.isOver = true
      return 'end'
    }
    if (USAGE.test(data)) notes.tellOnly(data)
    const plain = PLAIN_CHUNK.exec(data)
    if (plain === null) return this.#chunk(eventOf(data), notes)
    notes.seen.addJson(plain[1] ?? '')
    return 'pass'
  }

  #chunk(chunk: Fields, notes: StreamNotes): Verdict {
    if (chunk.error !== undefined && chunk.error !== null) return 'fail'
    const choices = itemsOf(chunk.choices)
    notes.seen.add(choices.map(({ delta, text }) => textIn(delta) + textIn(text)).join(''))
    // Hosts that never say that it was all close the stream instead.
    if (choices.some(({ finish_reason }) => typeof finish_reason === 'string')) notes.isFinished = true
    return choices.map((choice) => this.#completesCall(choice)).includes(true) ? 'hold' : 'pass'
  }

  /** A call is complete when the answer ends, or the next call begins. */
  #completesCall({ index, delta, finish_reason }: Fields): boolean {
    const { tool_calls, function_call } = fieldsOf(delta)
    let isNext = false
    for (const call of [...itemsOf(tool_calls), ...(function_call ? [fieldsOf(function_call)] : [])]) {
      const name = call.index ?? call.id ?? 0
      isNext ||= this.#begun.has(index) && this.#begun.get(index) !== name
      this.#begun.set(index, name)
    }
    if (isNext || finish_reason === 'tool_calls' || finish_reason === 'function_call') return true
    return typeof finish_reason === 'string' && this.#begun.has(index)
  }
}
