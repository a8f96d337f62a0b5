import { childPath } from './json-path.ts'

/** What a recursive writer throws at a value that it refuses; the path grows on the way up. */
export class Refusal {
  readonly reason: string
  readonly #steps: (string | number)[] = []

  constructor(reason: string) {
    this.reason = reason
  }

  /** Where the refused value stands, seen from the value that the writer was given. */
  get path(): string {
    return this.#steps.reduceRight<string>(childPath, '')
  }

  /** Whatever was thrown, as a refusal of what stands at `step`. */
  static at(thrown: unknown, step: string | number): Refusal {
    const refusal = Refusal.from(thrown)
    refusal.#steps.push(step)
    return refusal
  }

  /** A getter or a proxy may throw anything, and the stack may end. */
  static from(thrown: unknown): Refusal {
    if (thrown instanceof Refusal) return thrown
    return new Refusal(thrown instanceof RangeError ? 'it is nested too deep' : 'reading it threw an error')
  }
}
