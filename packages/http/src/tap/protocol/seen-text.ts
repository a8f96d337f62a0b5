import { textBound } from 'holdfast'
import { utf8Of } from './event-json.ts'

/** No more text than this waits to be counted; what it is cut into counts a bit differently than as a whole. */
const LONGEST_OPEN = 65_536
const ASCII = /^[\0-\x7f]/
/** No tokenizer that is in use makes tokens that are longer on average, in whatever language. */
const LEAST_BYTES_PER_TOKEN = 3

/** Counts the text that came out: at most, and at least. */
export class SeenText {
  #events = 0
  #bytes = 0
  #bound = 0
  /** Text that counts as a whole: what follows may change how its end is counted, unless that is ASCII. */
  #open = ''
  #isOpaque = false

  /** One event's, as it stands between the quotes of its JSON. */
  addJson(raw: string): void {
    this.add(unquoted(raw))
  }

  /** One event's, of which it is known that it is ASCII. */
  addPlain(length: number): void {
    if (length === 0) return
    if (this.#open !== '') this.#close()
    this.#bound += length
    this.#bytes += length
    this.#events += 1
  }

  /** One event's. */
  add(text: string): void {
    const bytes = Buffer.byteLength(text)
    // ASCII counts as many as it has letters.
    if (bytes === text.length) {
      this.addPlain(bytes)
      return
    }
    if (this.#open !== '' && (ASCII.test(text) || this.#open.length > LONGEST_OPEN)) this.#close()
    this.#open += text
    this.#events += 1
    this.#bytes += bytes
  }

  /** Something came out that is no text, so that nobody can tell how much it counts. */
  addOpaque(): void {
    this.#isOpaque = true
  }

  /** Undefined where nobody can tell. */
  most(): number | undefined {
    this.#close()
    return this.#isOpaque ? undefined : this.#bound
  }

  least(): number {
    return Math.min(this.#events, Math.ceil(this.#bytes / LEAST_BYTES_PER_TOKEN))
  }

  #close(): void {
    this.#bound += textBound(this.#open)
    this.#open = ''
  }
}

/** What stands between the quotes of JSON that was read as latin1. */
export function unquoted(raw: string): string {
  const text = utf8Of(raw)
  if (!text.includes('\\')) return text
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    return text
  }
}
