import type { LaneHistory } from '../store/read-verbs.ts'

/**
 * The history that a *retried* run is served: without the failures that nothing was started after.
 *
 * A failure that the agent went on from is part of its story and is served again. The one that ended the run is
 * what the retry is for: it is asked anew. What ran beside it says nothing about it.
 */
export function withoutTrailingFailures(history: LaneHistory): LaneHistory {
  const lastClaim = last(history.effects)
  const lastCall = last(history.calls)
  // A claim's position is its own entry's number, a call's the number of entries before its own.
  const wentOnAfter = (entries: number) => lastClaim > entries || lastCall >= entries
  return {
    effects: history.effects,
    answers: history.answers.filter((answer) => !answer.failed || wentOnAfter(answer.at)),
    calls: history.calls.filter((call) => call.status !== 'failed' || wentOnAfter(call.endEntry ?? 0)),
  }
}

function last(started: readonly { readonly at: number }[]): number {
  return started.reduce((latest, { at }) => Math.max(latest, at), -1)
}
