import type { Buffer } from 'node:buffer'
import { KeptBytes } from './kept-bytes.ts'

/** A part of a chunk. */
export interface Span {
  readonly chunk: Uint8Array
  readonly start: number
  end: number
}

/** What is on its way from the provider to the reader: what may be handed on, and what is held back until all is settled. */
export class Passage {
  readonly #kept: KeptBytes
  #free: Span[] = []
  #held: Span[] = []
  #after: Span[] = []
  #target: Span[] = this.#free
  #given: { readonly bytes: Uint8Array | undefined } | undefined

  constructor(maxKeptBytes: number) {
    this.#kept = new KeptBytes(maxKeptBytes)
  }

  add(chunk: Uint8Array, start = 0, end: number = chunk.length): void {
    if (start === end) return
    if (this.#given !== undefined) {
      this.#kept.append(chunk.subarray(start, end))
      return
    }
    const last = this.#target.length === 0 ? undefined : this.#target.at(-1)
    if (last?.chunk === chunk && last.end === start) last.end = end
    else this.#target.push({ chunk, start, end })
  }

  /** What is added from now on is held back. */
  hold(): void {
    if (this.#target === this.#free) this.#target = this.#held
  }

  /** What is added from now on is no part of the answer any more. */
  seal(): void {
    this.#target = this.#after
  }

  /** Nothing is held back any more. */
  release(): void {
    this.#free.push(...this.#held, ...this.#after)
    this.#held = []
    this.#after = []
    this.#target = this.#free
  }

  /** All that may be handed on now. */
  take(): Uint8Array | undefined {
    if (this.#free.length === 0) return undefined
    const bytes = joined(this.#free)
    // To empty a list so would give its memory away.
    if (this.#free.length === 1) this.#free.pop()
    else this.#free.length = 0
    return bytes
  }

  /** Its reader is about to get it. */
  keep(bytes: Uint8Array): void {
    this.#kept.append(bytes)
  }

  /** The reader has gone: what comes now is only looked at. */
  detach(): void {
    this.#given = { bytes: this.#kept.bytes }
    for (const span of [...this.#free.splice(0), ...this.#held.splice(0)]) this.#kept.append(bytesOf(span))
  }

  /** The answer up to its end, as far as its reader gets it; undefined where that is too long. */
  answer(): Uint8Array | undefined {
    if (this.#given !== undefined) return this.#given.bytes
    for (const span of this.#held) this.#kept.append(bytesOf(span))
    return this.#kept.bytes
  }

  /** What its reader has got, where it gets no more; undefined where that is too long. */
  given(): Uint8Array | undefined {
    return this.#given === undefined ? this.#kept.bytes : this.#given.bytes
  }

  /** What came so far, as far as it is not held back; undefined where that is too long. */
  seen(): Buffer | undefined {
    return this.#kept.bytes
  }
}

/**
 * A chunk as it came, or a copy: its reader may transfer what it gets, which would take away what is still needed of the
 * same memory, be it a chunk's rest or Node's pool of buffers.
 */
function joined(spans: readonly Span[]): Uint8Array {
  const first = spans[0]
  if (spans.length === 1 && first?.start === 0 && first.end === first.chunk.length) return first.chunk
  let length = 0
  for (const { start, end } of spans) length += end - start
  const bytes = new Uint8Array(length)
  let at = 0
  for (const span of spans) {
    copy(span, bytes, at)
    at += span.end - span.start
  }
  return bytes
}

/** A few bytes are there sooner than a view of them. */
function copy(span: Span, bytes: Uint8Array, at: number): void {
  const { chunk, start, end } = span
  if (end - start > FEW_BYTES) bytes.set(bytesOf(span), at)
  else for (let from = start; from < end; from += 1) bytes[at + from - start] = chunk[from] as number
}

const FEW_BYTES = 48

function bytesOf({ chunk, start, end }: Span): Uint8Array {
  return chunk.subarray(start, end)
}
