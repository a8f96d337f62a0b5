import { AnsweredCall, type AnswerFacts, type Call } from './answered-call.ts'
import { LaneLoops } from './lane-loops.ts'
import { RecentCalls } from './recent-calls.ts'

/** How many answers are remembered of the run and of each of its lanes. */
export interface MemorySize {
  readonly run: number
  readonly lane: number
}

/** What the calls of a run were answered of late: by lane, as long as that lives, and all together. */
export class LoopMemory {
  readonly run: RecentCalls
  readonly #size: MemorySize
  /** By tool: up to which answer it is forgotten. */
  #forgotten: ReadonlyMap<string, number> = new Map()
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
      known.forget(this.#forgotten)
      return known
    }
    const fresh = new LaneLoops(this.#size.lane)
    this.#lanes.set(of, fresh)
    return fresh
  }

  /** Nothing for one of several that were made side by side: the first answer of those stands for all. */
  add(lane: LaneLoops, call: Call, facts: Omit<AnswerFacts, 'order'>): AnsweredCall | undefined {
    const since = facts.span === undefined ? facts.since : (lane.calls.ordersBefore(facts.span) ?? facts.since)
    if (lane.calls.wasAnsweredSince(since, call.signature)) return undefined
    const isNewInRun = !this.run.wasAnsweredSince(since, call.signature)
    const answered = new AnsweredCall(call, { ...facts, since, order: ++this.#answers })
    lane.calls.add(answered)
    if (isNewInRun) this.run.add(answered)
    return answered
  }

  /** What was announced, and is answered only now or turned out to be another call. */
  withdraw(lane: LaneLoops, announced: AnsweredCall): void {
    lane.calls.keep((call) => call !== announced)
    this.run.keep((call) => call !== announced)
  }

  /** Of one tool, or of all. */
  forget(tool?: string): void {
    this.run.keep((call) => tool !== undefined && call.tool !== tool)
    if (tool === undefined) this.#lanes = new WeakMap()
    // Another map each time: that is what tells a lane that there is something to forget.
    else this.#forgotten = new Map([...this.#forgotten, [tool, this.#answers]])
  }
}
