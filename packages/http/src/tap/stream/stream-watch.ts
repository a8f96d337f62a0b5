import { Buffer } from 'node:buffer'
import { readStreamUsage } from 'holdfast'
import { tellingPart } from '../json/telling-part.ts'
import type { Passage, Span } from '../passage.ts'
import { type Protocol, StreamNotes, type Verdict } from '../protocol/protocol.ts'
import type { TapOptions } from '../tap.ts'
import type { Watch, WatchedEnd, WatchReport } from '../watch.ts'
import { dataOf, endOfEvent, type Framing, LONGEST_START } from './framing.ts'
import { type Cut, hiddenPart } from './hidden-usage.ts'

const COMPLETE: WatchedEnd = { kind: 'complete' }
const FAILED: WatchedEnd = { kind: 'failed' }
const LONE_RETURN = /\r(?!\n|$)/
/** Comments, and lines that say something about an event that is none. */
const SILENT = /^(?:(?:\xef\xbb\xbf)?(?::|event:|id:|retry:)[^\n]*(?:\n|$)|\r?\n)*$/
const NO_BYTES = new Uint8Array()
const NOTHING: Cut = [0, 0]
const CUT: WatchedEnd = { kind: 'cut' }

/**
 * Events as they come. All is looked at as latin1, where a character is a byte: what is handed on is cut out of the bytes
 * that came, never written anew. An event goes on when it is there as a whole.
 */
export class StreamWatch implements Watch {
  readonly #options: TapOptions
  readonly #passage: Passage
  readonly #protocol: Protocol
  readonly #framing: Framing
  readonly #notes: StreamNotes = new StreamNotes()
  readonly #mostTokens: number
  /** Of the event that has begun: its bytes, and the same as text. */
  #open: Span[] = []
  #openText = ''
  /** How that text ends, apart: to cut it off a long text that is still put together takes as long as to read it. */
  #openEnd = ''
  #isClean = false

  constructor(options: TapOptions, passage: Passage, protocol: Protocol, framing: Framing) {
    this.#options = options
    this.#passage = passage
    this.#protocol = protocol
    this.#framing = framing
    this.#mostTokens = options.cutOff === undefined ? Infinity : (options.outputTokens ?? Infinity)
  }

  take(chunk: Uint8Array): WatchedEnd | undefined {
    const text = latin1Of(chunk)
    let start = 0
    for (let end = this.#firstEnd(text); end !== -1; end = endOfEvent(this.#framing, text, start)) {
      const event = this.#openText + text.slice(start, end)
      const ended = this.#event(event, chunk, start, end)
      start = end
      if (ended === undefined) continue
      if (ended !== CUT) this.#passage.add(chunk, start)
      return ended
    }
    if (start < chunk.length) {
      this.#open.push({ chunk, start, end: chunk.length })
      const rest = start === 0 ? text : text.slice(start)
      this.#openText += rest
      this.#openEnd = (this.#openEnd + rest.slice(-LONGEST_START)).slice(-LONGEST_START)
    }
    return undefined
  }

  finish(isClean: boolean): WatchedEnd {
    this.#isClean = isClean
    this.#passage.hold()
    // Lines that end in this alone are not told apart here.
    if (LONE_RETURN.test(this.#openText)) this.#notes.seen.addOpaque()
    const ended = isClean && this.#openText !== '' ? this.#event(this.#openText, NO_BYTES, 0, 0) : undefined
    for (const { chunk, start, end } of this.#open.splice(0)) this.#passage.add(chunk, start, end)
    return ended ?? this.#end()
  }

  report(): WatchReport {
    const { seen, pendingId } = this.#notes
    const isOver = this.#notes.isOver || (this.#isClean && this.#notes.isFinished)
    const { provider, shape } = this.#options
    const events = this.#notes.telling.map((data) => tellingPart(data, shape))
    const told = readStreamUsage(events, { provider })
    const reading = told === undefined ? undefined : { ...told, complete: told.complete && isOver }
    return { reading, seenTokens: seen.most(), pendingId: isOver ? undefined : pendingId }
  }

  /** Only what is new is searched, and as much of what came before as may begin the end of an event. */
  #firstEnd(text: string): number {
    if (this.#openText === '') return endOfEvent(this.#framing, text, 0)
    const end = endOfEvent(this.#framing, this.#openEnd + text, 0)
    return end === -1 ? -1 : end - this.#openEnd.length
  }

  #event(event: string, chunk: Uint8Array, start: number, end: number): WatchedEnd | undefined {
    const data = dataOf(this.#framing, event)
    const verdict = data === undefined ? this.#silent(event) : this.#protocol.see(data, this.#notes)
    const isOver = verdict === 'end' || verdict === 'fail'
    const isCut = !isOver && this.#notes.seen.least() > this.#mostTokens
    if (isOver || isCut || verdict === 'hold') this.#passage.hold()
    const hidden = data !== undefined && this.#options.hidesUsage ? hiddenPart(event) : undefined
    this.#handOn(hidden, chunk, start, end)
    if (!isOver && !isCut) return undefined
    this.#passage.seal()
    if (isCut) return CUT
    return verdict === 'fail' ? FAILED : this.#end()
  }

  /** Of something that is no event at all nobody can tell what it says. */
  #silent(event: string): Verdict {
    if (!SILENT.test(event)) this.#notes.seen.addOpaque()
    return 'pass'
  }

  #end(): WatchedEnd {
    return this.#notes.hasFailed ? FAILED : COMPLETE
  }

  /** The event without what is hidden of it: what is open of it, and the rest of its bytes. */
  #handOn(hidden: Cut | undefined, chunk: Uint8Array, start: number, end: number): void {
    if (hidden === undefined && this.#open.length === 0) {
      this.#passage.add(chunk, start, end)
      return
    }
    let at = 0
    for (const open of this.#open) {
      this.#cut(open, hidden, at)
      at += open.end - open.start
    }
    this.#open.length = 0
    this.#openText = ''
    this.#openEnd = ''
    if (hidden === undefined) this.#passage.add(chunk, start, end)
    else this.#cut({ chunk, start, end }, hidden, at)
  }

  /** `at`: where in the event these bytes stand. */
  #cut({ chunk, start, end }: Span, hidden: Cut | undefined, at: number): void {
    const [from, to] = hidden ?? NOTHING
    this.#passage.add(chunk, start, start + clamped(from - at, end - start))
    this.#passage.add(chunk, start + clamped(to - at, end - start), end)
  }
}

function clamped(value: number, most: number): number {
  return Math.max(0, Math.min(value, most))
}

/** Without a view of the chunk, which takes as long as to read it. */
function latin1Of(chunk: Uint8Array): string {
  return Buffer.prototype.latin1Slice.call(chunk, 0, chunk.length)
}
