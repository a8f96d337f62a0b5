import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'

/** What a line of a journal holds. */
export type JournalLine = Readonly<Record<string, unknown>>

/** An append-only file of JSON lines; a line that `append` returned from survives the loss of power. */
export class Journal {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    dropTornLine(path)
  }

  append(line: JournalLine): void {
    const file = openSync(this.#path, 'a')
    try {
      writeSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  lines(): readonly JournalLine[] {
    return readJournal(this.#path)
  }
}

/** Reads a journal that another process writes. A file that is not there yet has no lines. */
export function readJournal(path: string): readonly JournalLine[] {
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as JournalLine]))
}

// A writer that died within a line never acknowledged it; the next line must not be glued to its remains.
function dropTornLine(path: string): void {
  if (!existsSync(path)) return
  const bytes = readFileSync(path)
  truncateSync(path, bytes.lastIndexOf('\n') + 1)
}
