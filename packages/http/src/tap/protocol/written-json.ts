/** A text of JSON that comes in pieces. */
export class WrittenJson {
  #depth = 0
  #isString = false
  #isEscaped = false
  #isBegun = false

  /** Whether it may be whole with this piece: some readers act upon it as soon as it can be parsed. */
  add(piece: string): boolean {
    for (const sign of piece) {
      if (this.#isString) this.#within(sign)
      else this.#between(sign)
    }
    return this.#isBegun && this.#depth === 0 && !this.#isString
  }

  #between(sign: string): void {
    if (sign === '"') this.#isString = true
    else if (sign === '{' || sign === '[') this.#depth += 1
    else if (sign === '}' || sign === ']') this.#depth -= 1
    this.#isBegun ||= sign.trim() !== ''
  }

  #within(sign: string): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (sign === '\\') this.#isEscaped = true
    else if (sign === '"') this.#isString = false
  }
}
