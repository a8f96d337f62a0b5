import type { Buffer } from 'node:buffer'
import { readStreamUsage, readUsage, textBound, type UsageReading } from 'holdfast'
import type { Passage } from '../passage.ts'
import { fieldsOf } from '../protocol/event-json.ts'
import type { TapOptions } from '../tap.ts'
import type { Watch, WatchedEnd, WatchReport } from '../watch.ts'
import { LongBody } from './long-body.ts'
import { foundPart, isFoundWhole, tellingPart } from './telling-part.ts'

const COMPLETE: WatchedEnd = { kind: 'complete' }
const PENDING = new Set<unknown>(['queued', 'in_progress'])

/** One value of JSON: it is handed on as it comes, since nobody can use it before its end. */
export class JsonWatch implements Watch {
  readonly #options: TapOptions
  readonly #passage: Passage
  #length = 0
  #long: LongBody | undefined
  #isWhole = false

  constructor(options: TapOptions, passage: Passage) {
    this.#options = options
    this.#passage = passage
  }

  take(chunk: Uint8Array): undefined {
    this.#length += chunk.length
    if (this.#length > this.#options.maxKeptBytes) {
      this.#long ??= new LongBody(this.#passage.seen() ?? new Uint8Array())
      this.#long.add(chunk)
    }
    this.#passage.add(chunk)
  }

  finish(isClean: boolean): WatchedEnd {
    this.#isWhole = isClean
    return COMPLETE
  }

  report(): WatchReport {
    const bytes = this.#passage.seen()
    return this.#long === undefined && bytes !== undefined ? this.#ofKept(bytes) : this.#ofLong(this.#long)
  }

  #ofKept(bytes: Buffer): WatchReport {
    const { shape, provider } = this.#options
    const body = tellingPart(bytes.toString('latin1'), shape)
    const told = Array.isArray(body) ? readStreamUsage(body, { provider }) : readUsage(body, { provider })
    const reading = this.#withCompleteness(told, true)
    const pendingId = shape === 'openai-responses' && reading === undefined ? pendingIdIn(body) : undefined
    return { reading, seenTokens: tokensIn(bytes), pendingId }
  }

  #ofLong(long: LongBody | undefined): WatchReport {
    const { shape, provider } = this.#options
    const told = long && readUsage(foundPart(long.text, shape), { provider })
    const reading = this.#withCompleteness(told, isFoundWhole(shape))
    return { reading, seenTokens: long?.tokens, pendingId: undefined }
  }

  #withCompleteness(told: UsageReading | undefined, isAll: boolean): UsageReading | undefined {
    return told === undefined || (this.#isWhole && isAll) ? told : { ...told, complete: false }
  }
}

/** An answer that is made in the background is not there yet. */
function pendingIdIn(body: unknown): string | undefined {
  const { id, status } = fieldsOf(body)
  return PENDING.has(status) && typeof id === 'string' ? id : undefined
}

/** Letters that are written as escapes are counted as they are. */
function tokensIn(bytes: Buffer): number | undefined {
  if (!bytes.includes('\\u')) return textBound(bytes)
  try {
    return textBound(JSON.stringify(JSON.parse(bytes.toString())))
  } catch {
    return undefined
  }
}
