import { RecentCalls } from './recent-calls.ts'

const MAX_ADVICE = 8
const NOTHING: ReadonlyMap<string, number> = new Map()

/** What is to be said with the answers of a tool. */
export interface Advice {
  readonly tool: string
  readonly text: string
  /** What it warns of: as long as that stays the same, it was said. */
  readonly of: string
}

/** What the guard remembers of one lane. */
export class LaneLoops {
  readonly calls: RecentCalls
  #advice: readonly Advice[] = []
  #newest: string | undefined
  /** What was forgotten when this was last looked at. */
  #forgotten = NOTHING

  constructor(most: number) {
    this.calls = new RecentCalls(most)
  }

  /** `tools`: up to which answer they are forgotten. What is to be said of those goes with them. */
  forget(tools: ReadonlyMap<string, number>): void {
    if (tools === this.#forgotten || tools.size === 0) return
    const fresh = [...tools].filter(([tool, order]) => this.#forgotten.get(tool) !== order).map(([tool]) => tool)
    this.#forgotten = tools
    this.calls.keep(({ tool, order }) => order > (tools.get(tool) ?? 0))
    this.#advice = this.#advice.filter(({ tool }) => !fresh.includes(tool))
    this.#newest = undefined
  }

  /**
   * The newest answer of a tool stands for the older ones: what was said of those, and not taken, is out of date. False
   * if this was said with the answer before.
   */
  advise(tool: string, advice: Advice | undefined): boolean {
    const isNew = advice !== undefined && advice.of !== this.#newest
    this.#newest = advice?.of
    if (advice === undefined && this.#advice.length === 0) return false
    const others = this.#advice.filter((other) => other.tool !== tool)
    this.#advice = advice === undefined ? others : [...others, advice].slice(-MAX_ADVICE)
    return isNew
  }

  /** The oldest, each once; of any tool, if none is named. */
  takeAdvice(tool?: string): string | undefined {
    const advice = this.#advice.find((one) => tool === undefined || one.tool === tool)
    if (advice !== undefined) this.#advice = this.#advice.filter((one) => one !== advice)
    return advice?.text
  }
}
