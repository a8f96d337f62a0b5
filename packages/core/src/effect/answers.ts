import type { AnswerKind } from '../store/records.ts'
import type { Invocation, Outcome } from './invocation.ts'

/** Records what a perform gave back, where the effect's own row does not say it. */
export function recordAnswer(invocation: Invocation, kind: AnswerKind, outcome: Outcome): void {
  const { run, lane, tool, keyed, answersBefore } = invocation
  const failed = outcome.kind === 'error'
  // An error that is on no record cannot be served again: it is ours, or stops the run.
  if (failed && outcome.body === null) return
  run.answers.add({
    lane: lane.id,
    key: keyed.keys[0],
    kind: failed && kind !== 'read' ? 'failure' : kind,
    name: tool.name,
    effect: outcome.effect,
    generation: outcome.generation,
    failed,
    body: failed ? outcome.body : null,
    beside: lane.countAnswer(answersBefore),
    recordLevel: tool.record,
  })
}
