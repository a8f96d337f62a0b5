import type { LaneCall } from '../store/read-verbs.ts'

/** The model calls that an earlier execution of a lane made, and this one has not asked for again. */
export class RecordedCalls {
  /** All of them, also those given out: they say what a request could be mistaken for. */
  readonly #all: readonly LaneCall[]
  readonly #left: LaneCall[]

  constructor(calls: readonly LaneCall[]) {
    this.#all = calls
    this.#left = [...calls]
  }

  get isEmpty(): boolean {
    return this.#left.length === 0
  }

  /**
   * The call that this request repeats, given once. One that was asked word for word comes first, answered or not, and of
   * several the one of the same model, tools and parameters; else the first answered one that differs in volatile text alone (a date, a UUID), unless another that differs in
   * the same way was in flight beside it: then nobody can say which of the two is meant.
   */
  take(exact: Buffer, masked: Buffer, rest: string): LaneCall | undefined {
    const same = this.#left.filter((call) => call.exactHash.equals(exact))
    const equal = same.filter((call) => call.restHash === rest)
    const call = firstOf(equal) ?? firstOf(same) ?? this.#alike(masked)
    if (call !== undefined) this.#left.splice(this.#left.indexOf(call), 1)
    return call
  }

  /** The first answered call that nothing has asked for yet. */
  next(): LaneCall | undefined {
    return this.#left.find(isAnswered)
  }

  #alike(masked: Buffer): LaneCall | undefined {
    const alike = this.#left.find((call) => call.maskedHash.equals(masked))
    if (alike === undefined) return undefined
    const isAmbiguous = this.#all.some(
      (other) =>
        other.maskedHash.equals(masked) && !other.exactHash.equals(alike.exactHash) && wereSideBySide(other, alike),
    )
    return isAmbiguous ? undefined : alike
  }
}

function firstOf(calls: readonly LaneCall[]): LaneCall | undefined {
  return calls.find(isAnswered) ?? calls[0]
}

export function isAnswered({ status }: LaneCall): boolean {
  return status === 'succeeded' || status === 'failed'
}

/** By their positions in the run's log: a call's is the number of entries before its own. */
function wereSideBySide(one: LaneCall, other: LaneCall): boolean {
  const endOf = ({ endEntry }: LaneCall) => endEntry ?? Number.POSITIVE_INFINITY
  return one.at < endOf(other) && other.at < endOf(one)
}
