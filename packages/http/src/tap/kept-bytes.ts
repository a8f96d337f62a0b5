import { Buffer } from 'node:buffer'

const FIRST_SIZE = 4_096
const EMPTY: Buffer = Buffer.alloc(0)

/** A copy of what goes by, up to a size: the chunks themselves are their reader's, who may change or transfer them. */
export class KeptBytes {
  readonly #most: number
  #buffer: Buffer | undefined = EMPTY
  #length = 0

  constructor(most: number) {
    this.#most = most
  }

  append(bytes: Uint8Array): void {
    if (this.#buffer === undefined) return
    const length = this.#length + bytes.length
    if (length > this.#most) {
      this.#buffer = undefined
      return
    }
    if (length > this.#buffer.length) this.#buffer = this.#grown(this.#buffer, length)
    this.#buffer.set(bytes, this.#length)
    this.#length = length
  }

  /** Undefined: too much went by. What is appended later does not change it. */
  get bytes(): Buffer | undefined {
    return this.#buffer?.subarray(0, this.#length)
  }

  /** A first chunk is often all there is. */
  #grown(buffer: Buffer, length: number): Buffer {
    const size = this.#length === 0 ? length : Math.max(FIRST_SIZE, 2 * length)
    const grown = Buffer.allocUnsafe(Math.min(size, this.#most))
    buffer.copy(grown, 0, 0, this.#length)
    return grown
  }
}
