const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** How the events of a stream are told apart: server-sent ones by an empty line, lines of JSON by a new one. */
export type Framing = 'events' | 'lines'

/** Where the event ends that goes on at `from`, with what ends it; -1 where that has not come yet. */
export function endOfEvent(framing: Framing, text: string, from: number): number {
  if (framing === 'lines') return text.indexOf('\n', from) + 1 || -1
  for (let at = text.indexOf('\n', from); at !== -1; at = text.indexOf('\n', at + 1)) {
    const next = text.charCodeAt(at + 1)
    if (next === LINE_FEED) return at + 2
    if (next === CARRIAGE_RETURN && text.charCodeAt(at + 2) === LINE_FEED) return at + 3
  }
  return -1
}

/** Of what ends an event, this many characters may have come before its last one. */
export const LONGEST_START = 2

const DATA = 'data:'
const SPACE = 32
/** U+FEFF in UTF-8, read as latin1. */
const MARK = '\xef\xbb\xbf'
const MARK_START = 0xef

/** What an event says: undefined for one that says nothing, such as a comment that keeps the connection alive. */
export function dataOf(framing: Framing, event: string): string | undefined {
  if (framing === 'lines') return event.trim() === '' ? undefined : event
  // The first of a stream may have a mark of its byte order before it.
  if (event.charCodeAt(0) === MARK_START && event.startsWith(MARK)) return dataOf(framing, event.slice(MARK.length))
  const found = event.startsWith(DATA) ? 0 : event.indexOf(`\n${DATA}`) + 1
  if (found === 0 && !event.startsWith(DATA)) return undefined
  const start = found + DATA.length
  const line = lineAt(event, start)
  const isLast = event.indexOf(`\n${DATA}`, start) === -1
  return isLast ? line : allLines(event)
}

function lineAt(event: string, start: number): string {
  const from = event.charCodeAt(start) === SPACE ? start + 1 : start
  const feed = event.indexOf('\n', from)
  const end = feed === -1 ? event.length : feed
  return event.slice(from, event.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end)
}

function allLines(event: string): string {
  return event
    .split('\n')
    .filter((line) => line.startsWith(DATA))
    .map((line) => lineAt(line, DATA.length))
    .join('\n')
}
