/** How much is left of what each attempt of a run recorded. */
export class AttemptsLeft {
  readonly #left = new Map<number, number>()

  add(attempt: number): void {
    this.#left.set(attempt, (this.#left.get(attempt) ?? 0) + 1)
  }

  take(attempt: number): void {
    const left = (this.#left.get(attempt) ?? 0) - 1
    if (left > 0) this.#left.set(attempt, left)
    else this.#left.delete(attempt)
  }

  /** The first that something is left of. */
  get first(): number | undefined {
    return this.#left.size === 0 ? undefined : Math.min(...this.#left.keys())
  }
}
