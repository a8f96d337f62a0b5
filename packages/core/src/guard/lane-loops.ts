import { RecentCalls } from './recent-calls.ts'

const MAX_ADVICE = 8

interface Advice {
  readonly tool: string
  readonly text: string
}

/** What the guard remembers of one lane. */
export class LaneLoops {
  readonly calls: RecentCalls
  #advice: readonly Advice[] = []
  /** How many tools were forgotten, when this was last looked at, and up to which answer. */
  #forgotten = 0

  constructor(most: number) {
    this.calls = new RecentCalls(most)
  }

  /** `tools`: up to which answer they are forgotten. */
  forget(tools: ReadonlyMap<string, number>): void {
    const latest = Math.max(0, ...tools.values())
    if (latest <= this.#forgotten) return
    this.#forgotten = latest
    this.calls.keep(({ tool, order }) => order > (tools.get(tool) ?? 0))
  }

  /** The newest answer of a tool stands for the older ones: what was said of those, and not taken, is out of date. */
  advise(tool: string, text: string | undefined): void {
    if (text === undefined && this.#advice.length === 0) return
    const others = this.#advice.filter((advice) => advice.tool !== tool)
    this.#advice = text === undefined ? others : [...others, { tool, text }].slice(-MAX_ADVICE)
  }

  /** The oldest, each once; of any tool, if none is named. */
  takeAdvice(tool?: string): string | undefined {
    const advice = this.#advice.find((one) => tool === undefined || one.tool === tool)
    if (advice !== undefined) this.#advice = this.#advice.filter((one) => one !== advice)
    return advice?.text
  }
}
