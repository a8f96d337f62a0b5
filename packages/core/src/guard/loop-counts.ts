import type { AnsweredCall } from './answered-call.ts'
import { shownSignature } from './signature.ts'

/** How often a call has been answered the same of late. */
export interface LoopCount {
  readonly tool: string
  /** The tool with its arguments. */
  readonly signature: string
  /** Since its answer last changed, whatever was called in between. */
  readonly count: number
}

/** One for each call among these answers, that of the newest answer first. */
export function loopCounts(answered: readonly AnsweredCall[]): readonly LoopCount[] {
  const bySignature = new Map<string, AnsweredCall[]>()
  for (const call of answered.toReversed()) {
    const older = bySignature.get(call.signature) ?? []
    bySignature.set(call.signature, [...older, call])
  }
  return [...bySignature.values()].map((calls) => {
    const [newest] = calls as [AnsweredCall, ...AnsweredCall[]]
    const change = calls.findIndex((call) => !call.isSame(newest))
    return { tool: newest.tool, signature: shownSignature(newest), count: change < 0 ? calls.length : change }
  })
}
