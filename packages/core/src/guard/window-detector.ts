import type { Call } from './answered-call.ts'
import type { Loop, LoopDetector, Past } from './loop-detector.ts'

/** The same call with the same answers within a time, whatever is called in between. */
export class WindowDetector implements LoopDetector {
  readonly #windowMs: number
  readonly #repeats: number

  constructor(windowMs: number, repeats: number) {
    this.#windowMs = windowMs
    this.#repeats = repeats
  }

  find(next: Call, { run, now }: Past): Loop | undefined {
    const alike = run.filter(({ signature }) => signature === next.signature)
    const newest = alike.at(-1)
    const change = alike.findLastIndex((call) => !call.isSame(newest) || call.at < now - this.#windowMs)
    const count = alike.length - 1 - change
    return count < this.#repeats ? undefined : { detector: 'window', count, tools: [next.tool] }
  }

  following({ lane }: Past): Call | undefined {
    return lane.at(-1)
  }
}
