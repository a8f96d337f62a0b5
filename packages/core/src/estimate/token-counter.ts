import { Buffer } from 'node:buffer'
import { type Clock, systemClock } from '../util/clock.ts'
import type { Estimate, RequestToEstimate } from './estimate.ts'
import { o200k } from './o200k.ts'
import { type PartFacts, partFacts, partText } from './part-facts.ts'
import { RecentCounts } from './recent-counts.ts'
import { eachPart, namesBound } from './request-size.ts'
import { textPieces } from './text-pieces.ts'
import { o200kFactor, type Tokenizer } from './tokenizer.ts'

export interface TokenCounterOptions {
  /** @default js-tiktoken's `o200k`, loaded when it is first needed */
  readonly tokenizer?: Tokenizer | undefined
  readonly clock?: Clock
}

// Some 10 ms of js-tiktoken.
const TURN_LENGTH = 16_384
// A second or two: for more than that, to know it better is worth less than the wait.
const MAX_NEW_LENGTH = 1_048_576

/** Counts what `estimateRequest` only bounds. One per ledger: it remembers the messages that it has counted. */
export class TokenCounter {
  readonly #tokenizer: Tokenizer | undefined
  readonly #clock: Clock
  /** Facts of an unchanged message are the same object. */
  readonly #parts = new WeakMap<PartFacts, number>()
  readonly #texts = new RecentCounts()
  #sinceTurn = 0

  constructor({ tokenizer, clock = systemClock }: TokenCounterOptions = {}) {
    this.#tokenizer = tokenizer
    this.#clock = clock
  }

  /**
   * A tighter estimate of the same request, for when the first one does not fit; never a higher one. The very same where
   * nothing can be counted: for models of which no tokenizer is known, or if it cannot be loaded. Of more than a
   * million new characters, the rest counts by its bytes.
   */
  async tighten(asked: RequestToEstimate, estimate: Estimate): Promise<Estimate> {
    const factor = this.#factor(asked)
    if (factor === undefined) return estimate
    try {
      const tokenizer = this.#tokenizer ?? (await o200k())
      const counted = Math.ceil((await this.#count(asked.request, tokenizer)) * factor)
      const textTokens = Math.min(estimate.textTokens, counted)
      // A factor that is no number.
      if (!Number.isSafeInteger(textTokens) || textTokens < 0) return estimate
      return { ...estimate, textTokens, inputTokens: estimate.inputTokens - estimate.textTokens + textTokens }
    } catch {
      return estimate
    }
  }

  #factor({ provider, model }: RequestToEstimate): number | undefined {
    return this.#tokenizer?.factor ? this.#tokenizer.factor(provider, model) : o200kFactor(model)
  }

  async #count(request: unknown, tokenizer: Tokenizer): Promise<number> {
    const unknown: { readonly facts: PartFacts; readonly text: string }[] = []
    let tokens = namesBound(request)
    eachPart(request, (value, holdsMedia) => {
      const facts = partFacts(value, holdsMedia)
      const known = this.#parts.get(facts)
      // And a comma.
      tokens += (known ?? 0) + 1
      if (known === undefined) unknown.push({ facts, text: partText(value, holdsMedia) })
    })
    let newLength = 0
    for (const { facts, text } of unknown) {
      newLength += text.length
      if (newLength > MAX_NEW_LENGTH) {
        tokens += facts.tokens
        continue
      }
      const count = await this.#texts.of(text, (fresh) => this.#countText(fresh, tokenizer))
      this.#parts.set(facts, count)
      tokens += count
    }
    return tokens
  }

  async #countText(text: string, tokenizer: Tokenizer): Promise<number> {
    // A stretch that repeats itself is counted once.
    const known = new Map<string, number>()
    let tokens = 0
    for (const piece of textPieces(text)) {
      const count = known.get(piece) ?? (await this.#countPiece(piece, tokenizer))
      known.set(piece, count)
      tokens += count
    }
    return tokens
  }

  /** Others have their turn while a long text is counted. */
  async #countPiece(piece: string, tokenizer: Tokenizer): Promise<number> {
    this.#sinceTurn += piece.length
    if (this.#sinceTurn >= TURN_LENGTH) {
      this.#sinceTurn = 0
      await this.#clock.turn()
    }
    return checkedCount(piece, tokenizer)
  }
}

/** Never more than the bytes, which count where a tokenizer throws or gives back what is no number of tokens. */
function checkedCount(piece: string, tokenizer: Tokenizer): number {
  const bytes = Buffer.byteLength(piece)
  try {
    const tokens = tokenizer.count(piece)
    return Number.isSafeInteger(tokens) && tokens >= 0 ? Math.min(tokens, bytes) : bytes
  } catch {
    return bytes
  }
}
