import { sha256Hex } from '../util/hash.ts'

const MAX_KNOWN = 4_096

/** Counts of texts, by their hash: adapters make the same messages anew for each request. Forgets the ones least recently asked for. */
export class RecentCounts {
  readonly #counts = new Map<string, number>()

  /** What the text had, or has now by `count`. */
  async of(text: string, count: (text: string) => Promise<number>): Promise<number> {
    const key = sha256Hex(text)
    const known = this.#counts.get(key)
    const tokens = known ?? (await count(text))
    // In the order in which they were asked for.
    this.#counts.delete(key)
    this.#counts.set(key, tokens)
    if (this.#counts.size > MAX_KNOWN) this.#forgetOldest()
    return tokens
  }

  #forgetOldest(): void {
    const [oldest] = this.#counts.keys()
    if (oldest !== undefined) this.#counts.delete(oldest)
  }
}
