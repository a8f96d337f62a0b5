import { eventOf, type Fields, fieldsOf, itemsOf, textIn } from './event-json.ts'
import { AlikeStart, matched, standsAt } from './plain-string.ts'
import type { Protocol, StreamNotes, Verdict } from './protocol.ts'
import { unquoted } from './seen-text.ts'
import { WrittenJson } from './written-json.ts'

const LAST = '[DONE]'
/** What most chunks have before their text and behind it. */
const TEXT = '"choices":[{"index":0,"delta":{"content":"'
const GOES_ON = '"},"finish_reason":null}]'
const GOES_ON_WITH_LOGPROBS = '"},"logprobs":null,"finish_reason":null}]'
/** What nearly all chunks are: one answer goes on by a bit of text, or of a tool call. The rest is taken apart. */
const PLAIN_CHUNK =
  /"choices":\[\{"index":0,"delta":\{"content":"([^"\\]*(?:\\.[^"\\]*)*)"\},(?:"logprobs":null,)?"finish_reason":null\}\]/
const PLAIN_CALL =
  /"choices":\[\{"index":0,"delta":\{"tool_calls":\[\{"index":(\d{1,9}),"function":\{"arguments":"([^"\\]*(?:\\.[^"\\]*)*)"\}\}\]\},(?:"logprobs":null,)?"finish_reason":null\}\]/
const USAGE = /"usage"\s*:\s*\{/

/** The tool call that an answer writes. */
interface BegunCall {
  readonly name: unknown
  readonly written: WrittenJson
}

/** Chat completions and completions, of OpenAI and all who speak like it. */
export class OpenaiChat implements Protocol {
  /** The last tool call that each answer has begun. */
  readonly #begun = new Map<unknown, BegunCall>()

  /** Of chunks that tell no usage before their text. */
  readonly #plain = new AlikeStart()

  see(data: string, notes: StreamNotes): Verdict {
    if (this.#isPlain(data, notes)) return 'pass'
    if (data.startsWith(LAST)) {
      notes.isOver = true
      return 'end'
    }
    const tells = USAGE.test(data)
    if (tells) notes.tellOnly(data)
    const plain = matched(PLAIN_CHUNK, data)
    if (plain !== null && !tells) this.#plain.learn(data, plain.index + TEXT.length)
    if (plain === null) return this.#callGoesOn(data, notes) ?? this.#chunk(eventOf(data), notes)
    notes.seen.addJson(plain[1] ?? '')
    return 'pass'
  }

  /** Counts a bit of text like the one before, with no object behind it that could tell usage. */
  #isPlain(data: string, notes: StreamNotes): boolean {
    const end = this.#plain.endOfText(data)
    if (end === -1) return false
    if (!standsAt(data, end, GOES_ON_WITH_LOGPROBS) && !standsAt(data, end, GOES_ON)) return false
    if (data.includes('{', end)) return false
    notes.seen.addPlain(end - this.#plain.length)
    return true
  }

  /** A bit of the call that its answer has begun. */
  #callGoesOn(data: string, notes: StreamNotes): Verdict | undefined {
    const found = this.#begun.size === 0 ? null : matched(PLAIN_CALL, data)
    const call = this.#begun.get(0)
    if (found === null || call?.name !== Number(found[1])) return undefined
    const text = unquoted(found[2] ?? '')
    notes.seen.add(text)
    return call.written.add(text) ? 'hold' : 'pass'
  }

  #chunk(chunk: Fields, notes: StreamNotes): Verdict {
    if (chunk.error !== undefined && chunk.error !== null) return 'fail'
    if (!Array.isArray(chunk.choices) && chunk.usage === undefined) notes.seen.addOpaque()
    const choices = itemsOf(chunk.choices)
    notes.seen.add(choices.map(({ delta, text }) => textIn(delta) + textIn(text)).join(''))
    // Hosts that never say that it was all close the stream instead.
    if (choices.some(({ finish_reason }) => typeof finish_reason === 'string')) notes.isFinished = true
    return choices.map((choice) => this.#completesCall(choice)).includes(true) ? 'hold' : 'pass'
  }

  /** A call is complete when its arguments are, the answer ends, or the next call begins. */
  #completesCall({ index, delta, finish_reason }: Fields): boolean {
    const { tool_calls, function_call } = fieldsOf(delta)
    let isComplete = false
    for (const call of [...itemsOf(tool_calls), ...(function_call ? [fieldsOf(function_call)] : [])]) {
      const begun = this.#begun.get(index)
      const name = call.index ?? call.id ?? 0
      const written = begun?.name === name ? begun.written : new WrittenJson()
      const text = fieldsOf(call.function ?? call.custom ?? call)
      const isWritten = written.add(textIn(text.arguments))
      isComplete ||= isWritten || isObject(text.arguments) || (begun !== undefined && begun.name !== name)
      this.#begun.set(index, { name, written })
    }
    if (isComplete || finish_reason === 'tool_calls' || finish_reason === 'function_call') return true
    return typeof finish_reason === 'string' && this.#begun.has(index)
  }
}

/** Some hosts do not write them as text. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
