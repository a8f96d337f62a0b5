import type { LaneHistory } from '../store/read-verbs.ts'

/**
 * The history that a *retried* run is served: without the failures that nothing came after.
 *
 * A failure that the agent went on from is part of its story and is served again. The one that ended the run is
 * what the retry is for: it is asked anew.
 */
export function withoutTrailingFailures(history: LaneHistory): LaneHistory {
  const last = lastStart(history)
  return {
    effects: history.effects,
    answers: history.answers.filter((answer) => !answer.failed || answer.at < last),
    calls: history.calls.filter((call) => call.status !== 'failed' || call.at < last),
  }
}

/** The position at which the newest thing of the lane was started. */
function lastStart(history: LaneHistory): number {
  let last = 0
  for (const effect of history.effects) last = Math.max(last, effect.at)
  for (const call of history.calls) last = Math.max(last, call.at + 1)
  return last
}
