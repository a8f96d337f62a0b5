const QUOTE = 34
const BACKSLASH = 92
const SPACE = 32
const TILDE = 126

/**
 * Where the string of JSON ends whose text begins at `start`: at its closing quote. -1 where it is not plain, as long in
 * JSON as what it stands for: where it has escapes, or letters beyond ASCII.
 */
export function endOfPlain(json: string, start: number): number {
  for (let at = start; at < json.length; at += 1) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH || code < SPACE || code > TILDE) return -1
  }
  return -1
}

/** Nearly all events of an answer are alike up to their text: what has begun like the last one need not be taken apart. */
export class AlikeStart {
  #start = ''

  /** Of an event, and where its text begins. */
  learn(data: string, textStart: number): void {
    this.#start = data.slice(0, textStart)
  }

  /** Where the text of one that begins like it starts. */
  get length(): number {
    return this.#start.length
  }

  /** Where that text ends; -1 where the event begins otherwise, or its text is not plain. */
  endOfText(data: string): number {
    return this.#start !== '' && standsAt(data, 0, this.#start) ? endOfPlain(data, this.#start.length) : -1
  }
}

const LONGEST_MATCHED = 65_536

/** What a pattern finds in an event; null in a long one, of whose escapes V8 may have too many for its stack. */
export function matched(pattern: RegExp, data: string): RegExpExecArray | null {
  return data.length > LONGEST_MATCHED ? null : pattern.exec(data)
}

/** As `startsWith`, which V8 does letter by letter: that takes four times as long. */
export function standsAt(data: string, at: number, text: string): boolean {
  return data.slice(at, at + text.length) === text
}
