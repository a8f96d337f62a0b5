import { Buffer, isAscii } from 'node:buffer'

const HEAD = 4_096
const TAIL = 65_536
const ESCAPES = '\\u'

/** What is left of a body that is too long to be kept: where its usage, and whose it is, may stand. */
export class LongBody {
  readonly #head: string
  #tail: string
  /** Undefined where its text cannot be counted piece by piece. */
  #tokens: number | undefined

  constructor(begun: Uint8Array) {
    const text = latin1Of(begun)
    this.#head = text.slice(0, HEAD)
    this.#tail = text.slice(-TAIL)
    this.#tokens = isPlain(begun, text) ? begun.length : undefined
  }

  add(chunk: Uint8Array): void {
    const text = latin1Of(chunk)
    // An escape may be cut in two.
    const isSafe = isPlain(chunk, text) && !(this.#tail.endsWith('\\') && text.startsWith('u'))
    this.#tokens = isSafe && this.#tokens !== undefined ? this.#tokens + chunk.length : undefined
    this.#tail += text
    if (this.#tail.length > 2 * TAIL) this.#tail = this.#tail.slice(-TAIL)
  }

  /** Its begin and its end. */
  get text(): string {
    return `${this.#head}\n${this.#tail}`
  }

  get tokens(): number | undefined {
    return this.#tokens
  }
}

function isPlain(bytes: Uint8Array, text: string): boolean {
  return isAscii(bytes) && !text.includes(ESCAPES)
}

function latin1Of({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1')
}
