import { AnsweredCall, type Call } from './answered-call.ts'
import { LaneLoops } from './lane-loops.ts'
import { RecentCalls } from './recent-calls.ts'

/** How many answers are remembered of the run and of each of its lanes. */
export interface MemorySize {
  readonly run: number
  readonly lane: number
}

/** An answer that is about to be remembered. */
export interface NewAnswer {
  readonly result: string
  readonly at: number
  /** How many answers there were when the call started. */
  readonly since: number
  readonly served: boolean
}

/** What the calls of a run were answered of late: by lane, as long as that lives, and all together. */
export class LoopMemory {
  readonly run: RecentCalls
  readonly #size: MemorySize
  readonly #forgotten = new Map<string, number>()
  #lanes = new WeakMap<object, LaneLoops>()
  #answers = 0

  constructor(size: MemorySize) {
    this.#size = size
    this.run = new RecentCalls(size.run)
  }

  /** How many there were, ever. */
  get answers(): number {
    return this.#answers
  }

  lane(of: object): LaneLoops {
    const known = this.#lanes.get(of)
    if (known !== undefined) {
      if (this.#forgotten.size > 0) known.forget(this.#forgotten)
      return known
    }
    const fresh = new LaneLoops(this.#size.lane)
    this.#lanes.set(of, fresh)
    return fresh
  }

  /** Nothing for one of several that were made side by side: the first answer of those stands for all. */
  add(lane: LaneLoops, call: Call, { result, at, since, served }: NewAnswer): AnsweredCall | undefined {
    if (lane.calls.wasAnsweredSince(since, call.signature)) return undefined
    const isNewInRun = !this.run.wasAnsweredSince(since, call.signature)
    const answered = new AnsweredCall(call, { result, at, order: ++this.#answers, served })
    lane.calls.add(answered)
    if (isNewInRun) this.run.add(answered)
    return answered
  }

  /** Of one tool, or of all. */
  forget(tool?: string): void {
    this.run.keep((call) => tool !== undefined && call.tool !== tool)
    if (tool === undefined) this.#lanes = new WeakMap()
    else this.#forgotten.set(tool, this.#answers)
  }
}
