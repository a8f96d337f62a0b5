import type { LaneHistory } from './read-verbs.ts'

/**
 * The failures of a lane that nothing was started after.
 *
 * A failure that the agent went on from is part of its story. The one that ended a body or a run is what trying again
 * is for: it is asked anew. What ran beside it says nothing about it.
 */
export function trailingFailures({
  effects,
  answers,
  calls,
}: Pick<LaneHistory, 'effects' | 'answers' | 'calls'>): Pick<LaneHistory, 'answers' | 'calls'> {
  const lastClaim = last(effects)
  const lastCall = last(calls)
  // A claim's position is its own entry's number, a call's the number of entries before its own.
  const wentOnAfter = (entries: number) => lastClaim > entries || lastCall >= entries
  return {
    answers: answers.filter((answer) => answer.failed && !wentOnAfter(answer.at)),
    calls: calls.filter((call) => call.status === 'failed' && !wentOnAfter(call.endEntry ?? 0)),
  }
}

function last(started: readonly { readonly at: number }[]): number {
  return started.reduce((latest, { at }) => Math.max(latest, at), -1)
}
