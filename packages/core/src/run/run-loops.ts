import type { LoopCount } from '../guard/loop-counts.ts'
import type { LoopGuard } from '../guard/loop-guard.ts'

/** What the calls of a run were answered of late, as far as this process saw it. */
export class RunLoops {
  readonly #guard: LoopGuard | undefined
  readonly #lane: () => object

  constructor(guard: LoopGuard | undefined, lane: () => object) {
    this.#guard = guard
    this.#lane = lane
  }

  /** How often each of the last calls was answered the same, the newest first; nothing with `loop: false`. */
  counts(): readonly LoopCount[] {
    return this.#guard?.counts() ?? []
  }

  /** Forgets what was called so far: of one tool, or of all. It does not undo a halt. */
  reset(tool?: string): void {
    this.#guard?.reset(tool)
  }

  /**
   * For adapters: what is to be said to the model at the end of the message with a tool's answer, once. Ask for it after
   * each call, in the async context of the call.
   */
  takeAdvice(tool?: string): string | undefined {
    return this.#guard?.takeAdvice(this.#lane(), tool)
  }
}
