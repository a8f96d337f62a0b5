import { HoldfastError, hide } from './holdfast-error.ts'

/** How a loop was found: in a row, within a time, round a cycle, or by one tool's answers alone. */
export const LOOP_DETECTORS = ['repeats', 'window', 'cycle', 'stagnation'] as const
export type LoopDetectorName = (typeof LOOP_DETECTORS)[number]

export interface DetectedLoop {
  readonly tool: string
  /** How often it came to this, with the call that was stopped; of a cycle: its rounds. */
  readonly callCount: number
  /** The tool with its arguments: `search|{"query":"x"}`. */
  readonly signature: string
  /** The tools that take turns: `search → read`. */
  readonly pattern: string
  readonly detector: LoopDetectorName
  /** Of `window`: over which time. */
  readonly windowMs?: number | undefined
  /** Undefined outside of runs. */
  readonly runId?: string | undefined
}

/** The agent does the same again and again, and nothing comes of it. */
export class LoopDetectedError extends HoldfastError {
  static override readonly code = 'loop-detected'
  declare readonly code: 'loop-detected'
  readonly tool: string
  readonly callCount: number
  readonly pattern: string
  readonly detector: LoopDetectorName
  declare readonly windowMs?: number
  declare readonly runId?: string
  /** Kept from clients: it has the arguments. */
  declare readonly signature: string

  constructor(facts: DetectedLoop) {
    super(`${whatHappened(facts)}. ${whatFollows(facts)}`, { status: 409 })
    this.tool = facts.tool
    this.callCount = facts.callCount
    this.pattern = facts.pattern
    this.detector = facts.detector
    if (facts.windowMs !== undefined) this.windowMs = facts.windowMs
    if (facts.runId !== undefined) this.runId = facts.runId
    hide(this, 'signature', facts.signature)
  }
}

function whatHappened({ tool, pattern, detector, callCount, windowMs }: DetectedLoop): string {
  const times = callCount === 2 ? 'once' : `${callCount - 1} times`
  switch (detector) {
    case 'repeats':
      return `"${tool}" was called ${times} in a row with the same arguments, and nothing changed`
    case 'window':
      return `"${tool}" was called ${times} within ${windowMs} ms with the same arguments, and nothing changed`
    case 'cycle':
      return `The calls ${pattern} went round ${times} with the same arguments, and nothing changed`
    case 'stagnation':
      return `"${tool}" gave the same result ${times}, whatever it was asked`
  }
}

function whatFollows({ runId }: DetectedLoop): string {
  const stopped = runId === undefined ? '' : ` and run "${runId}" was halted`
  return `The next call was not run${stopped}. See why the agent goes on like that; a tool that may do so is named in the limits' loop.exempt, and loop.repeats allows more.`
}
